/**
 * InitProducerId, key 22, versions 0 to 5: an id for an idempotent producer, never
 * given out before, with epoch 0. A producer that asks with its old id and epoch
 * (version 3, KIP-360) gets a fresh id too, as Kafka does without a transaction.
 *
 * Not done: transactional ids, which are refused; version 6, which Kafka holds
 * back as unstable. KIP-98, KIP-360.
 */
import { type Fault, fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { INIT_PRODUCER_ID_REQUEST, INIT_PRODUCER_ID_RESPONSE } from "../schemas/init_producer_id.ts";

export const initProducerId = defineApi({
  key: 22,
  request: INIT_PRODUCER_ID_REQUEST,
  response: INIT_PRODUCER_ID_RESPONSE,
  versions: [0, 5],
  serve({ transactionalId }, call) {
    const refuse = (failed: Fault) =>
      call.answer({ errorCode: errorCode(failed), producerId: -1, producerEpoch: -1 });
    if (transactionalId === "") return refuse(fault("INVALID_REQUEST", "A transactional id has characters"));
    if (transactionalId !== null) {
      return refuse(fault("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactions are not served"));
    }
    call.broker.submit({ kind: "init_producer_id" }, (reply) => {
      if (reply.kind === "failed") return refuse(reply.fault);
      if (reply.kind !== "producer_id") return refuse(fault("UNKNOWN_SERVER_ERROR", ""));
      const { producerId, producerEpoch } = reply;
      call.answer({ producerId, producerEpoch });
    });
  },
});
