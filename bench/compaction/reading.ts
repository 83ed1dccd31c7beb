/** Reads a partition over the native protocol, whole batches at a time. */
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";
import { forEachBatch, lastOffset, recordCount } from "../../src/record/mod.ts";
import { frameOf, type LoadConnection } from "../macro/load.ts";

export const TOPIC = "latest";

interface Fetched {
  readonly records: Uint8Array;
  readonly highWatermark: number;
  readonly e?: unknown;
}

/** What one fetch brought. */
export interface Taken {
  readonly nextOffset: number;
  readonly records: number;
  readonly highWatermark: number;
}

/** Fetches once from `offset` on, with a long poll; the batches are views that hold until the next call. */
export async function fetchOnce(
  connection: LoadConnection,
  offset: number,
  visit: (batch: Uint8Array) => void,
): Promise<Taken> {
  const entries = [{ topic: TOPIC, partition: 0, offset, bytesMax: 1_048_576 }];
  await connection.send(frameOf({ k: "fetch", c: 1, waitMsMax: 200, bytesMin: 1, entries }));
  const reply = await connection.next();
  const decoded = decodeFrame(reply, FRAME_HEAD_BYTES, reply.length) as unknown as { entries: Fetched[] };
  const { records, highWatermark, e } = decoded.entries[0]!;
  if (e !== undefined) throw new Error(`A fetch failed: ${JSON.stringify(e)}`);
  let [nextOffset, count] = [offset, 0];
  forEachBatch(records, (batch) => {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    nextOffset = lastOffset(view, 0) + 1;
    count += recordCount(view, 0);
    visit(batch);
  });
  return { nextOffset, records: count, highWatermark };
}
