/**
 * Produce, key 0, versions 3 to 13: one record batch per partition, appended as it
 * came. acks 0 gets no answer, and a closed connection when anything went wrong;
 * 1 means in the log, all (−1) on the device. Records are never decompressed or
 * re-encoded. Version 13 names topics by id. Each partition succeeds or fails on
 * its own, at most one batch each.
 *
 * Not done: transactional batches (refused whole), quotas (throttle time is 0),
 * endpoints of other leaders. KIP-98, KIP-467 (record errors), KIP-951, KIP-516.
 */
import type { DraftOf, MessageOf } from "../../bytes/mod.ts";
import {
  type Acks,
  type Fault,
  fault,
  type Image,
  type ProducedEntry,
  type ProduceEntry,
} from "../../model/mod.ts";
import { attributes, batchBytes, codecOf, magic } from "../../record/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { PRODUCE_REQUEST, PRODUCE_RESPONSE } from "../schemas/produce.ts";

type Request = MessageOf<typeof PRODUCE_REQUEST>;
type Response = DraftOf<typeof PRODUCE_RESPONSE>;

const ADMIN_CLIENT = "__admin_client";
const MAGIC = 2;
const CODEC_ZSTD = 4;
const ZSTD_VERSION_MIN = 7;
const IDS_VERSION_MIN = 13;
/** A batch's magic byte lies behind offset, length and leader epoch. */
const MAGIC_END = 17;

export const produce = defineApi({
  key: 0,
  request: PRODUCE_REQUEST,
  response: PRODUCE_RESPONSE,
  versions: [3, 13],
  lowestAdvertised: 0,
  serve(request, call) {
    const plan = planOf(request, call);
    const { entries } = plan;
    if (entries.length === 0) return answer(request, plan, [], call);
    const command = {
      kind: "produce",
      acks: request.acks as Acks,
      timeoutMs: request.timeoutMs,
      entries,
    } as const;
    call.broker.submit(command, (reply) => {
      if (reply.kind === "produced") return answer(request, plan, reply.entries, call);
      const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
      answer(request, plan, entries.map((entry) => ({ ...NOTHING, ...entry, fault: failed })), call);
    });
  },
});

const NOTHING = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };

/** What goes on to the partitions, and what is refused here, by position in the request. */
interface Plan {
  readonly entries: ProduceEntry[];
  readonly refused: (Fault | null)[];
}

function planOf(request: Request, call: Call<Response>): Plan {
  const whole = refuseRequest(request);
  const plan: Plan = { entries: [], refused: [] };
  const image = call.broker.image();
  const seen = new Set<string>();
  for (const topic of request.topicData) {
    const name = call.version >= IDS_VERSION_MIN ? image.topicNamesById.get(topic.topicId) : topic.name;
    for (const { index, records } of topic.partitionData) {
      const refused = whole ?? refuseTopic(name, topic.topicId, image, call) ??
        refuseRecords(records, call.version) ?? refuseTwice(seen, name, index);
      plan.refused.push(refused);
      if (refused === null) plan.entries.push({ topic: name!, partition: index, batch: records! });
    }
  }
  return plan;
}

function refuseRequest({ acks, transactionalId }: Request): Fault | null {
  if (transactionalId !== null) {
    return fault("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactions are not served");
  }
  if (acks >= -1 && acks <= 1) return null;
  return fault("INVALID_REQUIRED_ACKS", `Field "acks" is "${acks}", wanted -1, 0 or 1`);
}

function refuseTopic(
  name: string | undefined,
  topicId: string,
  image: Image,
  call: Call<Response>,
): Fault | null {
  if (name === undefined) return fault("UNKNOWN_TOPIC_ID", `No topic has the id "${topicId}"`);
  if (image.topics.get(name)?.internal !== true || call.clientId === ADMIN_CLIENT) return null;
  return fault("INVALID_TOPIC_EXCEPTION", `Topic "${name}" belongs to the broker`);
}

/** Exactly one batch of the one format, with a codec that this version of the request may carry. */
function refuseRecords(records: Uint8Array | null, version: number): Fault | null {
  if (records === null || records.length < MAGIC_END) {
    return fault("INVALID_RECORD", "Exactly one record batch is wanted for each partition");
  }
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  if (magic(view, 0) !== MAGIC) {
    return fault("INVALID_RECORD", `Batch of format "${magic(view, 0)}" must have format ${MAGIC}`);
  }
  if (batchBytes(view, 0) < records.length) {
    return fault("INVALID_RECORD", "Exactly one record batch is wanted for each partition");
  }
  if (version >= ZSTD_VERSION_MIN || records.length < MAGIC_END + 6) return null;
  if (codecOf(attributes(view, 0)) !== CODEC_ZSTD) return null;
  return fault("UNSUPPORTED_COMPRESSION_TYPE", `Codec zstd needs Produce version ${ZSTD_VERSION_MIN}`);
}

function refuseTwice(seen: Set<string>, name: string | undefined, index: number): Fault | null {
  const key = `${index} ${name}`;
  if (seen.has(key)) return fault("INVALID_REQUEST", "A partition is named twice in one request");
  seen.add(key);
  return null;
}

function answer(
  request: Request,
  plan: Plan,
  produced: readonly ProducedEntry[],
  call: Call<Response>,
): void {
  if (request.acks === 0) {
    const isRefused = plan.refused.some((refused) => refused !== null);
    return isRefused || produced.some((entry) => entry.fault !== null) ? call.hangUp() : call.stayQuiet();
  }
  let position = 0;
  let next = 0;
  call.answer({
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => {
        const refused = plan.refused[position++]!;
        return refused === null ? answerPartition(produced[next++]!, index) : refusal(index, refused);
      }),
    })),
  });
}

function answerPartition(entry: ProducedEntry, index: number) {
  if (entry.fault !== null) return refusal(index, entry.fault);
  const { baseOffset, logAppendTimeMs, logStartOffset } = entry;
  return { index, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset };
}

function refusal(index: number, failed: Fault) {
  return { index, ...NOTHING, errorCode: errorCode(failed), errorMessage: errorMessage(failed) };
}
