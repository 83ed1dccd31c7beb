/** One hop to a real partition worker and back: alone, and with many inputs in a turn. */
import { silentLogger, systemClock } from "../../src/host/mod.ts";
import { Pool } from "../../src/mailbox/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../src/model/mod.ts";
import { makeBatch } from "../macro/load.ts";
import type { Figures } from "../macro/report.ts";

const TOGETHER = 64;
const WORKER = {
  dataDirectory: "data",
  disk: "memory",
  waitersMax: 10,
  openFilesMax: 16,
  checkCrcOnRead: true,
  retentionIntervalMs: 300_000,
  retentionDiskPercent: 100,
} as const;

export async function benchMailbox(count: number): Promise<Figures> {
  const pool = new Pool({ workersMax: 1, worker: WORKER, clock: systemClock, logger: silentLogger });
  await new Promise<void>((resolve, reject) => {
    const specification = {
      topic: "bench",
      partition: 0,
      topicId: "AAAAAAAAQACAAAAAAAAAAA",
      leaderEpoch: 0,
      settings: LOG_SETTINGS_DEFAULT,
      clean: false,
      recoveryPoint: 0,
      logStartOffset: 0,
      highWatermark: 0,
    };
    pool.open(specification, (fault) => fault === null ? resolve() : reject(new Error(fault.message)));
  });
  const { handle, outbox } = pool.find("bench", 0)!;
  const { batch } = makeBatch(100, 1_000);
  const append = () =>
    new Promise<void>((resolve, reject) => {
      outbox.append(handle, 1, batch, {
        receive: () => resolve(),
        fail: (fault) => reject(new Error(fault.message)),
      });
    });
  for (let index = 0; index < 200; index++) await append();
  let startedMs = performance.now();
  for (let index = 0; index < count / 10; index++) await append();
  const aloneUs = (performance.now() - startedMs) / Math.ceil(count / 10) * 1_000;
  startedMs = performance.now();
  for (let index = 0; index < count; index += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, append));
  }
  const togetherUs = (performance.now() - startedMs) / count * 1_000;
  await pool.stop();
  return { roundTripUs: aloneUs, appendsPerSecondTogether: 1e6 / togetherUs };
}
