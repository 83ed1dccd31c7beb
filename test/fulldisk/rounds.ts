/**
 * Rounds of a disk that fills and becomes free again under load. Each: all goes
 * well; another program takes all there is; records are refused, read and committed,
 * topics and groups are made; sometimes the broker is killed or stopped and comes back
 * on the full disk; there is room again, and every sender goes on within seconds.
 * Then all that was acknowledged is held against the logs.
 */
import { connect, type ConsumerRecord, type Weir } from "weir";
import { findBroken } from "../crash/ledger.ts";
import { spawnProgram } from "../broker_process.ts";
import { BrokerHost } from "./broker_host.ts";
import { commitByKafkajs, commitByWeir, type Commits, findBrokenCommits } from "./committers.ts";
import { makeSenders, type Sender } from "./senders.ts";
import type { SmallDisk } from "./small_disk.ts";
import { TailReader } from "./tail_reader.ts";

/** Nobody writes to it. */
const COMMITTED_TOPIC = "committed";
const TOPIC_SETTINGS = { "segment.bytes": "1048576" };
const FULL_MS = 1_500;
/** Within so long what must happen happens, on a machine that has other things to do, too. */
const PATIENCE_MS = 15_000;
/** Held for commits before the disk is filled. */
const RESERVE_BYTES = 1_048_576;
/** Offsets that a trim leaves before the tail. */
const KEPT = 200;

export interface Result {
  readonly rounds: number;
  readonly acked: number;
  readonly refused: number;
  readonly commits: number;
  /** The longest time from the room to the last sender's next acknowledgement. */
  readonly recoveryMs: number;
  readonly broken: readonly string[];
}

/** What becomes of the broker while the disk is full. */
type Fate = "lives" | "killed" | "stopped" | "killed and freed";
const FATES: readonly Fate[] = ["lives", "killed", "lives", "stopped", "killed and freed"];

/** Runs `count` rounds on a small disk that is there and empty. */
export async function runRounds(
  disk: SmallDisk,
  count: number,
  random: () => number,
  say: (words: string) => void,
): Promise<Result> {
  const host = new BrokerHost(`${disk.root}/data`);
  await host.start(floorOf(0));
  const rounds = new Rounds(disk, host, random);
  try {
    await rounds.begin();
    for (let round = 1; round <= count && rounds.broken.length === 0; round++) {
      say(await rounds.play(round));
    }
    await rounds.finish();
    return rounds.result(count);
  } finally {
    void rounds.end();
    await host.end("SIGKILL");
  }
}

/** Every other life of the broker has no floor, so that its logs meet the full disk themselves. */
function floorOf(life: number): string[] {
  return life % 2 === 0 ? ["disk.free.min.bytes=0"] : [];
}

class Rounds {
  readonly #disk: SmallDisk;
  readonly #host: BrokerHost;
  readonly #random: () => number;
  readonly #ending = new AbortController();
  readonly #reader = new TailReader();
  readonly #broken: string[] = [];
  readonly #commits: Commits[] = ["kafkajs-group", "weir-group"].map((group) => {
    return { group, topic: COMMITTED_TOPIC, asked: 0, acknowledged: 0 };
  });
  #senders: Sender[] = [];
  #weir: Weir | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #life = 0;
  #recoveryMs = 0;

  constructor(disk: SmallDisk, host: BrokerHost, random: () => number) {
    this.#disk = disk;
    this.#host = host;
    this.#random = random;
  }

  get broken(): string[] {
    const parts = [this.#broken, this.#host.broken, this.#reader.broken];
    return [...parts.flat(), ...this.#senders.flatMap(({ broken }) => broken)];
  }

  /** Everything that goes on until the end. */
  async begin(): Promise<void> {
    const { native, kafka } = this.#host;
    const { signal } = this.#ending;
    const weir = this.#weir = await connect(native, { requestTimeoutMs: 5_000 });
    this.#senders = await makeSenders(native, kafka);
    const topics = this.#senders.map(({ promises }) => promises.topic);
    await weir.admin.createTopic(COMMITTED_TOPIC, { partitions: 1 });
    for (const name of topics) await weir.admin.createTopic(name, { partitions: 1, config: TOPIC_SETTINGS });
    this.#running = Promise.all([
      ...this.#senders.map((sender) => sender.run(signal, this.#random)),
      this.#reader.run(native, topics, signal),
      commitByKafkajs(kafka, this.#commits[0]!, signal),
      commitByWeir(native, this.#commits[1]!, signal),
    ]);
    this.#running.catch((error) => this.#broken.push(String(error)));
  }

  /** One round; gives a line about it. */
  async play(round: number): Promise<string> {
    const fate = FATES[(round - 1) % FATES.length]!;
    const isGreedy = round % 3 === 0;
    await this.#progress("before the disk is full");
    await this.#until("the reserve is held", () => this.#disk.sizeOf("data/.weir-reserve") >= RESERVE_BYTES);
    this.#disk.fill(isGreedy);
    try {
      await this.#whileFull(round, fate);
    } finally {
      this.#disk.free();
    }
    if (fate === "killed and freed") await this.#restart("SIGKILL");
    const beginMs = Date.now();
    await this.#progress("when there is room again");
    this.#recoveryMs = Math.max(this.#recoveryMs, Date.now() - beginMs);
    await this.#check();
    await this.#trim();
    const acked = this.#senders.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
    const how = isGreedy ? `${fate}, greedy` : fate;
    return `round ${round} (${how}): ${acked} acknowledged so far, ${this.broken.length} broken`;
  }

  /** Ends the load, stops and starts the broker, and looks once more. */
  async finish(): Promise<void> {
    if (!await this.end()) this.#broken.push(`within ${PATIENCE_MS} ms the load did not end`);
    await this.#weir?.close();
    const code = await this.#host.end("SIGTERM");
    if (code !== 0) this.#broken.push(`the broker stopped with code ${code}`);
    await this.#verify();
    await this.#host.start();
    await this.#check();
    await this.#host.end("SIGTERM");
  }

  /** Ends the load; false when some of it does not end. */
  end(): Promise<boolean> {
    this.#ending.abort();
    return Promise.race([this.#running.then(() => true), pause(PATIENCE_MS).then(() => false)]);
  }

  result(rounds: number): Result {
    return {
      rounds,
      acked: this.#senders.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      refused: this.#senders.reduce((sum, { refused }) => sum + refused, 0),
      commits: this.#commits.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      recoveryMs: this.#recoveryMs,
      broken: this.broken,
    };
  }

  async #whileFull(round: number, fate: Fate): Promise<void> {
    await this.#refusals();
    const commits = this.#commits.map(({ acknowledged }) => acknowledged);
    const isCommitted = () => this.#commits.every((one, index) => one.acknowledged > commits[index]! + 3);
    await this.#until("commits go on", isCommitted);
    await this.#makeThings(round);
    await this.#check();
    await pause(FULL_MS);
    if (fate === "killed") await this.#restart("SIGKILL");
    if (fate === "stopped") await this.#restart("SIGTERM");
    if (fate === "lives" || fate === "killed and freed") return;
    await this.#check();
    await this.#refusals();
  }

  /** Topics and groups come to be, though there is no room. */
  async #makeThings(round: number): Promise<void> {
    const weir = this.#weir!;
    try {
      await weir.admin.createTopic(`made-${round}`, { partitions: 1 });
      const commit = { topic: "native-one", partition: 0, offset: round };
      await weir.admin.alterGroupOffsets(`late-${round}`, [commit]);
      const [found] = await weir.admin.groupOffsets(`late-${round}`, [commit]);
      if (found?.offset !== round) this.#broken.push(`group late-${round} is at ${found?.offset}`);
    } catch (error) {
      this.#broken.push(`a topic or a group could not be made on a full disk: ${error}`);
    }
  }

  async #restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const code = await this.#host.end(signal);
    if (signal === "SIGTERM") {
      if (code !== 0) this.#broken.push(`the broker stopped on a full disk with code ${code}`);
      if (this.#disk.sizeOf("data/.kafka_cleanshutdown") === 0) {
        this.#broken.push("a clean stop on a full disk left no mark");
      }
    }
    await this.#host.start(floorOf(++this.#life));
  }

  /** Whoever does not try again is refused. */
  async #refusals(): Promise<void> {
    const impatient = this.#senders.filter(({ promises }) => promises.topic.endsWith("one"));
    const before = impatient.map(({ refused }) => refused);
    await this.#until(
      "records are refused",
      () => impatient.every((one, index) => one.refused > before[index]!),
    );
  }

  /** Every sender has something acknowledged, and every reader sees it. */
  async #progress(when: string): Promise<void> {
    const before = this.#senders.map(({ acknowledged }) => acknowledged);
    const goesOn = ({ acknowledged }: Sender, index: number) => acknowledged > before[index]!;
    await this.#until(`every sender goes on ${when}`, () => this.#senders.every(goesOn));
    const ends = this.#senders.map(({ promises }) => Math.max(...promises.acked.values()));
    const isRead = ({ promises }: Sender, index: number) =>
      this.#reader.positionOf(promises.topic) > ends[index]!;
    await this.#until(`the reader follows ${when}`, () => this.#senders.every(isRead));
  }

  async #check(): Promise<void> {
    await using weir = await connect(this.#host.native, { requestTimeoutMs: 5_000 });
    for (const { promises } of this.#senders) {
      const { topic } = promises;
      const before = { ...promises, acked: new Map(promises.acked) };
      const assignments = [{ topic, partition: 0 }];
      await using consumer = weir.consumer({ assignments, from: "earliest", until: "end" });
      const records: ConsumerRecord[] = await Array.fromAsync(consumer);
      // What was sent meanwhile may be there.
      this.#broken.push(...findBroken({ ...before, sent: promises.sent }, records));
      this.#reader.compare(topic, records);
    }
    this.#broken.push(...await findBrokenCommits(weir, this.#commits));
    const { workers } = await weir.admin.describeBroker();
    if (workers.some(({ restarts }) => restarts > 0)) this.#broken.push("a worker died of a full disk");
  }

  /** So that many rounds fit on a small disk. */
  async #trim(): Promise<void> {
    for (const { promises } of this.#senders) {
      const before = Math.max(promises.trimAcked, this.#reader.positionOf(promises.topic) - KEPT);
      promises.trimAsked = before;
      await this.#weir!.admin.trim(promises.topic, 0, before);
      promises.trimAcked = before;
      for (const [sequence, offset] of promises.acked) if (offset < before) promises.acked.delete(sequence);
    }
  }

  /** The files, while nobody has them open. */
  async #verify(): Promise<void> {
    const child = spawnProgram(["log", "verify", `${this.#disk.root}/data`], { stderr: "piped" });
    const { success, stdout } = await child.output();
    if (!success) this.#broken.push(`log verify: ${new TextDecoder().decode(stdout)}`);
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const untilMs = Date.now() + PATIENCE_MS;
    while (!isSo() && Date.now() < untilMs && this.#host.broken.length === 0) await pause(20);
    if (!isSo()) this.#broken.push(`within ${PATIENCE_MS} ms it was not so that ${what}`);
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
