/**
 * Reading what a fetch brought, as a careful client does, and telling the oracle:
 * whole batches whose CRC holds, offsets that ascend, each gap in them, nothing at
 * or above the high watermark.
 */
import {
  attributes,
  baseOffset,
  batchIsSound,
  type BatchRecord,
  forEachBatch,
  lastOffset,
  readRecords,
} from "../../src/record/mod.ts";
import "../../src/record/codecs/mod.ts";
import { ID_HEADER } from "./encode.ts";
import type { WireReply } from "./network.ts";
import type { Oracle } from "./oracle.ts";
import type { PartitionModel } from "./partition_model.ts";
import type { ShownRecord } from "./sent_record.ts";
import { Violation } from "./world.ts";

const decoder = new TextDecoder();

/** Shows the records of one fetched entry to the oracle; gives the offset to go on from. */
export function takeFetched(
  oracle: Oracle,
  partition: PartitionModel,
  from: number,
  entry: WireReply,
): number {
  let next = from;
  const records: Uint8Array = entry.records;
  const visited = forEachBatch(records, (batch) => {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    const wrong = (what: string): never => {
      throw new Violation(
        `Fetch of "${partition.name}" from ${from}: ${what} at offset ${baseOffset(view, 0)}`,
      );
    };
    if (!batchIsSound(view, 0, batch.length)) wrong("a batch whose CRC does not hold");
    if (lastOffset(view, 0) < from) wrong("a batch that ends before the offset asked for");
    if (next === from ? baseOffset(view, 0) > from : baseOffset(view, 0) !== next) {
      if (!partition.isDamaged && !partition.topic.isCompacted) wrong(`a gap, expected is ${next}`);
    }
    if (lastOffset(view, 0) >= entry.highWatermark) {
      wrong(`a batch above the high watermark ${entry.highWatermark}`);
    }
    if (attributes(view, 0) < 0) wrong("attributes that nobody sent");
    next = takeBatch(oracle, partition, next, batch, lastOffset(view, 0) + 1, wrong);
  });
  if (visited !== records.length) {
    throw new Violation(`Fetch of "${partition.name}" from ${from}: a batch that is cut`);
  }
  return next;
}

/** Shows the records of a batch that lies between two offsets; gives its end. */
function takeBatch(
  oracle: Oracle,
  partition: PartitionModel,
  from: number,
  batch: Uint8Array,
  end: number,
  wrong: (what: string) => never,
): number {
  let [next, last] = [from, -1];
  for (const record of readRecords(batch)) {
    const { offset } = record;
    if (offset <= last || offset >= end) wrong(`record ${offset} out of its place`);
    last = offset;
    for (; next < offset; next++) partition.misses(next);
    next = Math.max(next, offset + 1);
    partition.show(offset, shown(record), oracle);
    oracle.counts.shown++;
  }
  for (; next < end; next++) partition.misses(next);
  return end;
}

function shown({ key, value, headers, timestamp }: BatchRecord): ShownRecord {
  const id = headers.find(([name]) => name === ID_HEADER)?.[1] ?? null;
  return {
    value: decoder.decode(value ?? id ?? new Uint8Array()),
    key: key === null ? null : decoder.decode(key),
    isTombstone: value === null,
    timestamp,
  };
}
