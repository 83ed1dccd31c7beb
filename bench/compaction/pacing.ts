/**
 * An open loop: requests leave when they are due, however long the answers take,
 * and each latency counts from when its request was due, so that nothing hides
 * behind a broker that stalls. A timer wakes up to a few milliseconds late; what a
 * request waited for that, and no more, is left out.
 */
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";
import { frameOf, type LoadConnection } from "../macro/load.ts";
import { TOPIC } from "./reading.ts";
import type { Updates } from "./updates.ts";

/** How late a timer may be. */
const TIMER_MS = 2;

export interface Pace {
  readonly requestsPerSecond: number;
  readonly recordsPerRequest: number;
}

/** Sends for `ms` milliseconds and waits for the answers; gives the latencies in the order of the requests. */
export async function sendPaced(
  connection: LoadConnection,
  updates: Updates,
  acks: 1 | -1,
  { requestsPerSecond, recordsPerRequest }: Pace,
  ms: number,
): Promise<number[]> {
  const count = Math.round(ms * requestsPerSecond / 1_000);
  const begunMs: number[] = [];
  const tookMs: number[] = [];
  const answers = (async () => {
    while (tookMs.length < count) {
      checkReply(await connection.next());
      tookMs.push(performance.now() - begunMs[tookMs.length]!);
    }
  })();
  const startedMs = performance.now();
  for (let index = 0; index < count; index++) {
    const dueMs = startedMs + index * 1_000 / requestsPerSecond;
    const batch = updates.makeBatch(recordsPerRequest);
    while (performance.now() < dueMs) await new Promise<void>((resolve) => setTimeout(resolve, 0));
    const nowMs = performance.now();
    begunMs[index] = nowMs - dueMs > TIMER_MS ? dueMs : nowMs;
    await connection.send(
      frameOf({ k: "produce", c: 1, acks, entries: [{ topic: TOPIC, partition: 0, batch }] }),
    );
  }
  await answers;
  return tookMs;
}

function checkReply(reply: Uint8Array): void {
  const { entries, e } = decodeFrame(reply, FRAME_HEAD_BYTES, reply.length) as unknown as {
    entries?: { e?: unknown }[];
    e?: unknown;
  };
  const failure = e ?? entries?.[0]?.e;
  if (failure !== undefined) throw new Error(`A produce failed: ${JSON.stringify(failure)}`);
}
