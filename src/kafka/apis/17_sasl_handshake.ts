/**
 * SaslHandshake, key 17, versions 0 to 1: refused, with no mechanisms, as Kafka
 * does on a listener without SASL (`PLAINTEXT`). The connection stays open.
 *
 * Not done: authentication of any kind. KIP-43, KIP-152.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { SASL_HANDSHAKE_REQUEST, SASL_HANDSHAKE_RESPONSE } from "../schemas/sasl_handshake.ts";

export const saslHandshake = defineApi({
  key: 17,
  request: SASL_HANDSHAKE_REQUEST,
  response: SASL_HANDSHAKE_RESPONSE,
  versions: [0, 1],
  serve(_request, call) {
    const failed = fault("ILLEGAL_SASL_STATE", "This listener authenticates nobody");
    call.answer({ errorCode: errorCode(failed), mechanisms: [] });
  },
});
