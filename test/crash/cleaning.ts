/**
 * Kill -9 while logs are cleaned and cut all the time, often in the middle of it:
 * after each start every partition is read from its start and held against what
 * was promised; now and then the files of a broker that is down, too, by `weir log
 * verify`; in the end each topic must hold what its settings say and no more.
 */
import { connect } from "weir";
import { type BrokerProcess, spawnProcess, startProcess } from "../broker_process.ts";
import { runWeir } from "../clients/weir_process.ts";
import { findExcess } from "./cleaning_excess.ts";
import { firstSegmentIdentity, readPartition } from "./cleaning_reader.ts";
import {
  BROKER_SETTINGS,
  FORGETFUL_CLEANER,
  PARTITIONS,
  POLICIES,
  SLOW_CLEANER,
  STEADY,
} from "./cleaning_topics.ts";
import { findWrong } from "./keyed_check.ts";
import { KeyedLedger } from "./keyed_ledger.ts";
import { produceUntilGone, SteadyProducer, trimOne } from "./keyed_load.ts";
import { type Moment, momentsOf } from "./moments.ts";
import { Striker } from "./strike.ts";

/** Rounds between two looks at the files of a broker that is down. */
const VERIFY_INTERVAL = 5;

export interface CleaningResult {
  readonly kills: number;
  readonly acked: number;
  /** Acknowledged records that were compacted or retained away. */
  readonly gone: number;
  /** Logs that a round found cleaned since the one before, in all; those that are also deleted from left out. */
  readonly cleaned: number;
  /** Rounds whose kill fell in such a moment of at least one log. */
  readonly killed: Readonly<Record<Moment, number>>;
  /** Times `weir log verify` went over everything. */
  readonly verified: number;
  /** What was promised and not kept; empty when all is well. */
  readonly broken: readonly string[];
}

type Tally = { -readonly [Name in keyof CleaningResult]: CleaningResult[Name] } & {
  readonly killed: Record<Moment, number>;
  readonly broken: string[];
};

/** What the rounds share. */
interface Scene {
  readonly data: string;
  readonly ledgers: readonly KeyedLedger[];
  readonly directories: readonly string[];
  readonly striker: Striker;
  readonly random: () => number;
  readonly tally: Tally;
  /** The setting that makes a broker listen where the first one did. */
  readonly address: string;
  broker: BrokerProcess;
}

/** Kills the broker once a round, and now and then again while it starts. */
export async function runCleaning(
  rounds: number,
  random: () => number,
  say: (words: string) => void,
): Promise<CleaningResult> {
  const scene = await setScene(random);
  const { tally, ledgers } = scene;
  try {
    await using weir = await connect(scene.broker.native, { requestTimeoutMs: 5_000 });
    for (const { topic, config } of POLICIES) {
      await weir.admin.createTopic(topic, { partitions: PARTITIONS, config });
    }
    const steady = new SteadyProducer(weir, ledgersOf(scene, STEADY.topic), random);
    for (let round = 1; round <= rounds && tally.broken.length === 0; round++) {
      await killOnce(scene, steady);
      tally.broken.push(...steady.failures);
      await checkAll(scene);
      if (round % VERIFY_INTERVAL === 0 || round === rounds) await verifyFiles(scene);
      say(`cleaning round ${round}: ${wordsOf(tally)}`);
    }
    if (tally.broken.length > 0) return tally;
    await steady.end();
    const excess = await Promise.all(ledgers.map((ledger) => findExcess(weir, scene.data, ledger)));
    tally.broken.push(...excess.flat());
    await checkAll(scene);
    return tally;
  } finally {
    scene.striker.end();
    await scene.broker.kill();
    await Deno.remove(scene.data, { recursive: true });
  }
}

/** What happened so far, in words. */
export function wordsOf(tally: CleaningResult): string {
  const killed = Object.entries(tally.killed).map(([moment, count]) => `${moment} ${count}`).join(", ");
  return `${tally.acked} acknowledged so far, ${tally.gone} gone, ${tally.cleaned} cleaned logs found, ` +
    `kills while ${killed}, verified ${tally.verified} times, ${tally.broken.length} broken`;
}

async function setScene(random: () => number): Promise<Scene> {
  const data = await Deno.makeTempDir({ prefix: "weir-cleaning-" });
  const ledgers = POLICIES.flatMap((policy) =>
    Array.from({ length: PARTITIONS }, (_, partition) => new KeyedLedger(policy, partition))
  );
  const directories = ledgers.map(({ name }) => `${data}/${name}`);
  const broker = await startProcess(data, BROKER_SETTINGS);
  const address = `native.listener=${broker.native}`;
  const tally = {
    kills: 0,
    acked: 0,
    gone: 0,
    cleaned: 0,
    killed: { cleaning: 0, swapping: 0, replacing: 0, deleting: 0 },
    verified: 0,
    broken: [],
  };
  return { data, ledgers, directories, striker: new Striker(), random, tally, address, broker };
}

function ledgersOf({ ledgers }: Scene, topic: string): KeyedLedger[] {
  return ledgers.filter(({ policy }) => policy.topic === topic);
}

/** Loads, strikes, looks at what the dead broker left, starts another, and lets the steady producer have its answers. */
async function killOnce(scene: Scene, steady: SteadyProducer): Promise<void> {
  const { ledgers, directories, random, tally } = scene;
  const fresh = ledgers.filter(({ policy }) => policy !== STEADY);
  const trimmed = ledgersOf(scene, "sized")[Math.floor(random() * PARTITIONS)]!;
  const loading = [
    produceUntilGone(scene.broker.native, fresh, random),
    trimOne(scene.broker.native, trimmed, random),
  ];
  steady.resume();
  await scene.striker.stopOne(scene.broker.pid, directories, random);
  const moments = new Set(directories.flatMap((directory) => [...momentsOf(directory)]));
  for (const moment of moments) tally.killed[moment]++;
  await scene.broker.kill();
  tally.kills++;
  await Promise.all(loading);
  if (random() < 0.3) await killWhileStarting(scene);
  await startAgain(scene);
  await steady.pause();
}

/** Of half the brokers cleanings take their time, of half they take several passes. */
async function startAgain(scene: Scene): Promise<void> {
  const slow = scene.random() < 0.5 ? SLOW_CLEANER : [];
  const forgetful = scene.random() < 0.5 ? FORGETFUL_CLEANER : [];
  const settings = [...BROKER_SETTINGS, ...slow, ...forgetful, scene.address];
  scene.broker = await startProcess(scene.data, settings);
}

/** A start that is killed before, while or just after it recovers. */
async function killWhileStarting({ data, address, random, tally }: Scene): Promise<void> {
  const child = spawnProcess(data, [...BROKER_SETTINGS, address]);
  await new Promise((resolve) => setTimeout(resolve, random() * 500));
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
  tally.kills++;
}

async function checkAll({ broker, data, ledgers, tally }: Scene): Promise<void> {
  await using weir = await connect(broker.native);
  await Promise.all(ledgers.map(async (ledger) => {
    const { records, facts } = await readPartition(weir, data, ledger);
    tally.broken.push(...findWrong(ledger, records, facts));
  }));
  tally.acked = ledgers.reduce((sum, { acked }) => sum + acked, 0);
  tally.gone = ledgers.reduce((sum, { gone }) => sum + gone, 0);
  for (const ledger of ledgers.filter(({ policy }) => !policy.deletes)) {
    const firstSegment = firstSegmentIdentity(data, ledger);
    if (firstSegment !== ledger.firstSegment) tally.cleaned++;
    ledger.firstSegment = firstSegment;
  }
}

/** Stops the broker, has its files verified, and starts it again. */
async function verifyFiles(scene: Scene): Promise<void> {
  const { data, directories, tally } = scene;
  const code = await scene.broker.stop();
  if (code !== 0) tally.broken.push(`a broker that was to stop ended with status ${code}`);
  for (const directory of directories) {
    if (momentsOf(directory).has("swapping")) tally.broken.push(`a clean stop left a swap in ${directory}`);
  }
  const ended = await runWeir(["log", "verify", data]);
  if (ended.code !== 0) tally.broken.push(`weir log verify: ${ended.stdout}${ended.stderr}`);
  tally.verified++;
  await startAgain(scene);
}
