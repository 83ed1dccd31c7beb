/** Members of one group at work against a real broker: what each was told, owns and has read. */
import assert from "node:assert/strict";
import {
  type Consumer,
  type ConsumerRecord,
  type GroupDetail,
  type NamedConsumerOptions,
  type Weir,
} from "weir";

type Options = Omit<NamedConsumerOptions<"auto", "string">, "value">;

/** How long anything may take before a test gives up on it. */
const PATIENCE_MS = 30_000;

/** A member that reads for as long as it lives. */
export class Member implements AsyncDisposable {
  readonly consumer: Consumer<unknown, string>;
  /** "assigned 0", "revoked 0,1", ... */
  readonly told: string[] = [];
  /** Values, in the order they came. */
  readonly values: string[] = [];
  /** Records of a partition that was not its own when they came: there must be none. */
  readonly strays: string[] = [];
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;

  constructor(
    weir: Weir,
    options: Options,
    handle: (record: ConsumerRecord<unknown, string>, member: Member) => void | Promise<void> = () => {},
  ) {
    const note = (what: string) => (partitions: readonly { partition: number }[]) => {
      this.told.push(`${what} ${partitions.map(({ partition }) => partition).join()}`);
    };
    this.consumer = weir.consumer<"auto", "string">({
      from: "earliest",
      value: "string",
      onAssigned: note("assigned"),
      onRevoked: note("revoked"),
      onLost: note("lost"),
      ...options,
    });
    this.#loop = this.#read(handle);
    this.#loop.catch(() => {});
  }

  /** Partition numbers it owns. */
  get owned(): number[] {
    return this.consumer.assignments.map(({ partition }) => partition).sort((one, other) => one - other);
  }

  /** Ends after the record in hand. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#loop.catch((error) => assert.equal(error.code, "ABORTED", error));
    await this.consumer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read(
    handle: (record: ConsumerRecord<unknown, string>, member: Member) => void | Promise<void>,
  ): Promise<void> {
    for await (const record of this.consumer.records(this.#ending)) {
      if (!this.owned.includes(record.partition)) this.strays.push(record.value!);
      this.values.push(record.value!);
      await handle(record, this);
    }
  }
}

/** Waits until `done` holds; fails when it never does. */
export async function until(
  done: () => boolean | Promise<boolean>,
  what: string = done.toString(),
): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !await done();) {
    assert.ok(Date.now() < end, `never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the group stands still with each of `partitions` owned by one member; gives how many each owns, sorted. */
export async function settled(
  weir: Weir,
  group: string,
  members: number,
  partitions: number,
): Promise<number[]> {
  let detail: GroupDetail | null = null;
  await until(async () => {
    const [listed] = (await weir.admin.listGroups()).filter((entry) => entry.group === group);
    if (listed === undefined) return false;
    detail = await weir.admin.describeGroup(group);
    const owned = detail.members.flatMap(({ assignment }) => assignment.map(({ partition }) => partition));
    return detail.state === "Stable" && detail.members.length === members &&
      owned.length === partitions && new Set(owned).size === partitions;
  }, `${members} members with ${partitions} partitions`);
  return detail!.members.map(({ assignment }) => assignment.length).sort((one, other) => other - one);
}

/** Writes `count` records numbered from `from`, to the partitions in turn. */
export async function produce(
  weir: Weir,
  topic: string,
  from: number,
  count: number,
  partitions = 3,
): Promise<void> {
  await using producer = weir.producer();
  const records = Array.from({ length: count }, (_, index) => {
    return { value: String(from + index), partition: (from + index) % partitions };
  });
  await producer.send(topic, records);
}

/** Every number below `count` that no member has read. */
export function missing(members: readonly Member[], count: number): number[] {
  const read = new Set(members.flatMap(({ values }) => values));
  return Array.from({ length: count }, (_, index) => index).filter((index) => !read.has(String(index)));
}
