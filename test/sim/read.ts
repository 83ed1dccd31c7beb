/**
 * Reading what a fetch brought, as a careful client does, and telling the oracle:
 * whole batches whose CRC holds, offsets without a gap, nothing at or above the
 * high watermark.
 */
import {
  attributes,
  baseOffset,
  batchIsSound,
  forEachBatch,
  lastOffset,
  readRecords,
} from "../../src/record/mod.ts";
import "../../src/record/codecs/mod.ts";
import type { WireReply } from "./network.ts";
import type { Oracle, PartitionModel } from "./oracle.ts";
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
      if (!partition.isDamaged) wrong(`a gap, expected is ${next}`);
    }
    if (lastOffset(view, 0) >= entry.highWatermark) {
      wrong(`a batch above the high watermark ${entry.highWatermark}`);
    }
    if (attributes(view, 0) < 0) wrong("attributes that nobody sent");
    for (const { offset, timestamp, value } of readRecords(batch)) {
      partition.show(offset, decoder.decode(value!), timestamp, oracle);
      oracle.counts.shown++;
    }
    next = lastOffset(view, 0) + 1;
  });
  if (visited !== records.length) {
    throw new Violation(`Fetch of "${partition.name}" from ${from}: a batch that is cut`);
  }
  return next;
}
