/**
 * A thousand groups of three members each, all of the new protocol, each member
 * heard of every 3 to 5 s: what that costs the broker in CPU and memory.
 */
import { LoadConnection } from "../macro/load.ts";
import { cpuSeconds, inDirectory, memoryMb, runBroker } from "../macro/process.ts";
import { report } from "../macro/report.ts";
import { BenchMember, pause } from "./bench_member.ts";

const MEMBERS_PER_GROUP = 3;
const CONNECTIONS = 20;
const INTERVAL_MS_MIN = 3_000;
const INTERVAL_MS_MAX = 5_000;

interface Due {
  readonly member: BenchMember;
  dueMs: number;
}

/** Measures `groups` groups for `seconds`. */
export async function benchManyGroups(directory: string, groups: number, seconds: number): Promise<void> {
  await inDirectory(directory, (folder) => measure(folder, groups, seconds));
}

async function measure(data: string, groups: number, seconds: number): Promise<void> {
  const broker = await runBroker(data);
  const operator = await LoadConnection.open(broker.port);
  await operator.ask({ k: "create_topics", topics: [{ name: "shared", partitions: 6 }] });
  operator.close();
  const idleMb = memoryMb(broker.pid).now;
  const members = Array.from(
    { length: groups * MEMBERS_PER_GROUP },
    (_, index) => new BenchMember(`group-${index % groups}`, ["shared"], 0),
  );
  const ending = new AbortController();
  let beats = 0;
  const startedMs = performance.now();
  const crews = Array.from({ length: CONNECTIONS }, (_, crew) => {
    const own = members.filter((_, index) => index % CONNECTIONS === crew);
    return keepAlive(own, broker.port, ending.signal, () => beats++);
  });
  while (!members.every(({ isHeard, owned }) => isHeard && owned > 0)) await pause(20);
  const settleMs = performance.now() - startedMs;
  const before = { beats, cpu: cpuSeconds(broker.pid), ms: performance.now() };
  await pause(seconds * 1_000);
  const tookS = (performance.now() - before.ms) / 1_000;
  const cpu = cpuSeconds(broker.pid) - before.cpu;
  const counted = beats - before.beats;
  ending.abort();
  await Promise.all(crews);
  const memory = memoryMb(broker.pid);
  await broker.stop();
  report(`${groups} groups of ${MEMBERS_PER_GROUP}, a heartbeat each 3-5 s`, {
    settleMs,
    heartbeatsPerS: counted / tookS,
    cpuShareOfOneCore: cpu / tookS,
    cpuMicrosecondsPerHeartbeat: cpu / counted * 1e6,
    idleMemoryMb: idleMb,
    memoryMb: memory.now,
    peakMemoryMb: memory.peak,
  });
}

/** Keeps `members` in their groups over one connection, one heartbeat after the other. */
async function keepAlive(
  members: readonly BenchMember[],
  port: number,
  signal: AbortSignal,
  took: () => void,
): Promise<void> {
  const connection = await LoadConnection.open(port);
  const due: Due[] = members.map((member) => ({ member, dueMs: performance.now() }));
  while (!signal.aborted && due.length > 0) {
    const next = due.reduce((first, other) => other.dueMs < first.dueMs ? other : first);
    const waitMs = next.dueMs - performance.now();
    if (waitMs > 0) {
      await pause(Math.min(waitMs, 100));
      continue;
    }
    await next.member.beat(connection);
    took();
    next.dueMs = performance.now() + intervalOf(next.member);
  }
  connection.close();
}

/** Who has something to report, or comes into a group that is not settled, is quicker. */
function intervalOf(member: BenchMember): number {
  if (!member.isHeard) return 0;
  const spread = INTERVAL_MS_MIN + Math.random() * (INTERVAL_MS_MAX - INTERVAL_MS_MIN);
  return Math.min(spread, Math.max(member.intervalMs, 100));
}
