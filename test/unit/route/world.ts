/**
 * What the router's tests share: workers that note what they are asked and answer
 * when the test says so, leases that count their holders, an image of topics.
 */
import assert from "node:assert/strict";
import {
  applyEvents,
  type Command,
  type CoordinatorCommand,
  type EpochEnd,
  type Fault,
  fault,
  type FetchInput,
  type Image,
  IMAGE_EMPTY,
  type Lease,
  type Receiver,
  type Reply,
  type ShardInput,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import { Router, type RouterPorts } from "../../../src/route/mod.ts";

type Port = NonNullable<ReturnType<RouterPorts["place"]>>["outbox"];
type Asked = Parameters<Port["ask"]>[0] | {
  readonly kind: "append";
  readonly handle: number;
  readonly acks: number;
};

export const NOW_MS = 1_700_000_000_000;

/** One question as a worker got it. */
export interface Question {
  readonly id: number;
  readonly asked: Asked;
  readonly receiver: Receiver;
}

/** A worker whose answers the test gives. */
export class ScriptedWorker implements Port {
  readonly questions: Question[] = [];
  readonly cancelled: number[] = [];
  /** Copies of the batches appended. */
  readonly batches: Uint8Array[] = [];

  append(handle: number, acks: number, batch: Uint8Array, receiver: Receiver): void {
    this.batches.push(batch.slice());
    this.questions.push({ id: this.questions.length, asked: { kind: "append", handle, acks }, receiver });
  }

  ask(asked: Asked, receiver: Receiver): number {
    this.questions.push({ id: this.questions.length, asked, receiver });
    return this.questions.length - 1;
  }

  tell({ id }: Extract<ShardInput, { kind: "cancel" }>): void {
    this.cancelled.push(id);
  }

  /** The last question, which must be a fetch. */
  get fetch(): Omit<FetchInput, "id"> {
    const asked = this.questions.at(-1)!.asked;
    assert.equal(asked.kind, "fetch");
    return asked as Omit<FetchInput, "id">;
  }

  /** Answers question `id`, by default the last one, with an append's offset. */
  appended(baseOffset: number, id = this.questions.length - 1): void {
    this.#receive(id, {
      kind: "appended",
      id,
      baseOffset,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      fault: null,
    });
  }

  /** Answers the last fetch with records of so many bytes for each entry, a fault or a cut log; gives the lease. */
  fetched(found: readonly (number | Fault | EpochEnd)[], id = this.questions.length - 1): CountedLease {
    const { entries } = this.questions[id]!.asked as Omit<FetchInput, "id">;
    assert.equal(entries.length, found.length);
    const lease = new CountedLease();
    const answers = entries.map(({ handle }, index) => {
      const one = found[index]!;
      const records = new Uint8Array(typeof one === "number" ? one : 0);
      const failed = typeof one !== "number" && "code" in one ? one : null;
      const divergingEpoch = typeof one !== "number" && "endOffset" in one ? one : null;
      const offsets = { highWatermark: 9, lastStableOffset: 9, logStartOffset: 0 };
      return { handle, ...offsets, divergingEpoch, records, fault: failed };
    });
    this.#receive(id, { kind: "fetched", id, entries: answers }, lease);
    return lease;
  }

  /** Answers question `id` with anything. */
  output(output: ShardOutput, id = this.questions.length - 1): void {
    this.#receive(id, output);
  }

  fail(failed: Fault, id = this.questions.length - 1): void {
    this.questions[id]!.receiver.fail(failed);
  }

  #receive(id: number, output: ShardOutput, lease: Lease | null = null): void {
    this.questions[id]!.receiver.receive(output, lease);
  }
}

/** A lease that must not be released more often than held. */
export class CountedLease implements Lease {
  holders = 0;
  held = 0;
  hold(): void {
    this.holders++;
    this.held++;
  }
  release(): void {
    assert.ok(--this.holders >= 0, "released more often than held");
  }
}

/** A router over scripted workers. `topics`: for each name, the worker of each partition. */
export class World {
  nowMs = NOW_MS;
  readonly workers: ScriptedWorker[];
  readonly offline = new Map<string, Fault>();
  readonly coordinated: { readonly command: CoordinatorCommand; readonly reply: (reply: Reply) => void }[] =
    [];
  readonly trimmed: [string, number, number][] = [];
  trimFault: Fault | null = null;
  image: Image = IMAGE_EMPTY;
  readonly router: Router;

  constructor(
    readonly topics: Record<string, readonly number[]>,
    changes: Partial<
      Pick<
        RouterPorts,
        "autoCreateTopics" | "fetchBytesMax" | "describeTopicSettings" | "describeBrokerSettings"
      >
    > = {},
  ) {
    for (const name of Object.keys(topics)) this.create(name);
    this.workers = [new ScriptedWorker(), new ScriptedWorker(), new ScriptedWorker()];
    this.router = new Router({
      image: () => this.image,
      place: (topic, partition) => this.#place(topic, partition),
      coordinate: (command, reply) => this.coordinated.push({ command, reply }),
      describeBroker: () => ({ ...BROKER }),
      describeTopicSettings: () => [],
      describeBrokerSettings: () => [],
      trimmed: (topic, partition, logStartOffset) => {
        this.trimmed.push([topic, partition, logStartOffset]);
        return this.trimFault;
      },
      nowMs: () => this.nowMs,
      autoCreateTopics: true,
      fetchBytesMax: () => 1_000_000,
      ...changes,
    });
  }

  /** Puts a topic into the image; handles count up within it: 10, 11, ... */
  create(name: string): void {
    const count = this.topics[name]?.length ?? 1;
    const partitions = Array.from({ length: count }, (_, partition) => (
      { partition, leader: 1, leaderEpoch: 3, replicas: [1], inSyncReplicas: [1] }
    ));
    const topic = { name, id: `id of ${name}`, internal: false, partitions, settings: {} };
    this.image = applyEvents(this.image, [{ kind: "topic_created", topic }]);
  }

  alter(topic: string, settings: Readonly<Record<string, string>>): void {
    this.image = applyEvents(this.image, [{ kind: "topic_altered", topic, settings }]);
  }

  /** Submits a command; the replies it got so far are in the list. */
  submit(command: Command): Reply[] {
    const replies: Reply[] = [];
    this.router.submit(command, (reply) => replies.push(reply));
    return replies;
  }

  expire(afterMs: number): void {
    this.nowMs += afterMs;
    this.router.expire(this.nowMs);
  }

  #place(topic: string, partition: number): ReturnType<RouterPorts["place"]> {
    const worker = this.topics[topic]?.[partition];
    if (worker === undefined) return undefined;
    const failed = this.offline.get(`${topic}-${partition}`) ?? null;
    return { handle: 10 + partition, worker, outbox: this.workers[worker]!, fault: failed };
  }
}

export const BROKER = {
  nodeId: 1,
  clusterId: "cluster",
  version: "0",
  dataDirectory: "data",
  disk: "memory",
  diskBytesTotal: -1,
  diskBytesUsable: -1,
  upMs: 1,
  connections: 0,
  topics: 0,
  partitions: 0,
  workers: [],
};

export const DEAD = fault("KAFKA_STORAGE_ERROR", "The worker died");

type Of<Kind extends Reply["kind"]> = Extract<Reply, { kind: Kind }>;

/** The only reply; fails when there is none, another kind, or more than one. */
export function only<Kind extends Reply["kind"]>(replies: readonly Reply[], kind: Kind): Of<Kind> {
  assert.deepEqual(replies.map((reply) => reply.kind), [kind]);
  return replies[0] as Of<Kind>;
}

/** The fault code of each entry, `null` where there is none. */
export function codes(entries: readonly { readonly fault: Fault | null }[]): (string | null)[] {
  return entries.map(({ fault }) => fault?.code ?? null);
}
