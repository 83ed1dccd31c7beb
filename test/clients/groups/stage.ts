/**
 * What the cases on groups work with: a broker, topics on it, a writer, and the
 * members that were started, all of them ended at the case's end. `KAFKA_BROKER`
 * names a broker to be tested instead (HOST:PORT): run against Apache Kafka, the
 * cases prove themselves.
 */
import assert from "node:assert/strict";
import kafkajs, { type Admin, type Kafka, type Producer } from "kafkajs";
import { BrokerProcess } from "../weir_process.ts";
import { type GroupClient, Member } from "./member.ts";

/** What members ask for: the shortest session Kafka's defaults allow, and heartbeats that learn of changes soon. */
export const SESSION_MS = 6_000;
const HEARTBEAT_MS = 300;
/** What takes longer hangs, and fails. */
const WAIT_MS_MAX = 60_000;
const LOOK_MS = 20;
/** A rebalance that is on reaches every member within its heartbeats. */
const QUIET_MS = 3 * HEARTBEAT_MS;
const VALUES = ["ünïcödé 🦫", "weir", "{}"];

/** A running broker with a connection for topics and records. */
export class GroupBroker {
  readonly address: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly #producer: Producer;
  readonly #stop: () => Promise<void>;
  #count = 0;

  private constructor(address: string, kafka: Kafka, stop: () => Promise<void>) {
    this.address = address;
    this.kafka = kafka;
    this.admin = kafka.admin();
    this.#producer = kafka.producer();
    this.#stop = stop;
  }

  static async start(): Promise<GroupBroker> {
    const given = Deno.env.get("KAFKA_BROKER");
    const directory = await Deno.makeTempDir({ prefix: "weir-groups-" });
    const broker = given === undefined ? await BrokerProcess.start(["--data", directory]) : null;
    const address = given ?? broker!.kafka;
    const brokers = [address];
    const kafka = new kafkajs.Kafka({ clientId: "stage", brokers, logLevel: kafkajs.logLevel.NOTHING });
    const started = new GroupBroker(address, kafka, async () => {
      const ended = broker === null ? { code: 0, stderr: "" } : await broker.stop();
      await Deno.remove(directory, { recursive: true });
      assert.equal(ended.code, 0, ended.stderr);
    });
    await started.admin.connect();
    await started.#producer.connect();
    return started;
  }

  /** A topic of its own for a case. */
  async createTopic(numPartitions: number): Promise<string> {
    const topic = `groups-${Date.now()}-${++this.#count}`;
    await this.admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
    return topic;
  }

  /** Writes `count` records to each of `partitions` partitions. */
  async write(topic: string, partitions: number, count: number): Promise<void> {
    const messages = Array.from({ length: count * partitions }, (_, index) => (
      { partition: index % partitions, value: `${index} ${VALUES[index % VALUES.length]}` }
    ));
    await this.#producer.send({ topic, messages });
  }

  async stop(): Promise<void> {
    await this.#producer.disconnect();
    await this.admin.disconnect();
    await this.#stop();
  }
}

/** One case: its topic, and its members by group. */
export class Scene {
  readonly topic: string;
  readonly members: Member[] = [];
  readonly #broker: GroupBroker;

  constructor(broker: GroupBroker, topic: string) {
    this.#broker = broker;
    this.topic = topic;
  }

  /** Starts a member of `group`. */
  join(client: GroupClient, group: string): Member {
    const { address } = this.#broker;
    const timeouts = { sessionMs: SESSION_MS, heartbeatMs: HEARTBEAT_MS };
    const member = new Member(client, { broker: address, group, topic: this.topic, ...timeouts });
    this.members.push(member);
    return member;
  }

  /** Waits until `isSo`; says what everybody had when it never was. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const endMs = Date.now() + WAIT_MS_MAX;
    while (!isSo()) {
      if (Date.now() > endMs) throw new Error(`${what}, never:\n${this.#state()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Waits until `members` own partitions 0 to `count` - 1, each once, in shares of these sizes, the largest first. */
  async untilShared(members: readonly Member[], count: number, shares: readonly number[]): Promise<void> {
    await this.until(`${count} partitions are shared as ${shares}`, () => {
      const owned = members.flatMap(({ assigned }) => assigned ?? []).sort((one, other) => one - other);
      const sizes = members.map(({ assigned }) => assigned?.length ?? -1).sort((one, other) => other - one);
      return owned.join() === Array.from({ length: count }, (_, index) => index).join() &&
        sizes.join() === shares.join();
    });
  }

  /** Waits until nobody was told anything new for some heartbeats: no rebalance is on. */
  async untilQuiet(members: readonly Member[]): Promise<void> {
    let [told, sinceMs] = ["", Date.now()];
    await this.until("nothing moves", () => {
      const now = members.map(({ toldCount }) => toldCount).join();
      if (now !== told) [told, sinceMs] = [now, Date.now()];
      return Date.now() - sinceMs > QUIET_MS;
    });
  }

  /** Waits until `members` have read all of `count` records of each of `partitions` partitions. */
  async untilRead(members: readonly Member[], partitions: number, count: number): Promise<void> {
    await this.until(`${count} records of ${partitions} partitions are read`, () => {
      return seen(members).size === partitions * count;
    });
  }

  /** Ends whoever is still there. */
  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  #state(): string {
    return this.members.map((member, index) => {
      const owned = member.assigned === null ? "nothing said" : `[${member.assigned}]`;
      return `${index}: ${owned}, ${member.records.length} records read ${member.words}`;
    }).join("\n");
  }
}

/** Every record the members read, as `PARTITION:OFFSET`. */
export function seen(members: readonly Member[]): Set<string> {
  return new Set(
    members.flatMap(({ records }) => records.map(({ partition, offset }) => `${partition}:${offset}`)),
  );
}
