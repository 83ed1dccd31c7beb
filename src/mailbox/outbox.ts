/**
 * The main thread's end of one partition worker's mailbox. Inputs collect until
 * the microtask queue is empty, then leave in one message; while
 * TURNS_IN_FLIGHT_MAX messages are unanswered they go on collecting. So a busy
 * worker gets larger turns by itself, and with them one flush for more appends
 * (group commit), and an idle one answers at once.
 */
import { OutboxMeter } from "../meter/mod.ts";
import {
  type Acks,
  type AppendInput,
  assert,
  type Fault,
  type FetchedOutput,
  type Lease,
  type Receiver,
  type ShardInput,
  type ShardNews,
  type ShardOutput,
  TURNS_IN_FLIGHT_MAX,
} from "../model/mod.ts";
import { Arena } from "./arena.ts";
import type { FromPartitionWorker, ToPartitionWorker } from "./envelope.ts";

/** Sends a message to the worker. */
export type Post = (message: ToPartitionWorker, transfer: ArrayBuffer[]) => void;

/** Idle buffers for appends, per worker. */
const KEPT_BYTES_MAX = 8_388_608;

type Answered = Extract<ShardInput, { id: number }>;
/** An input that is answered, before the outbox gave it its id. */
export type Question = Answered extends infer Input ? Input extends Answered ? Omit<Input, "id"> : never
  : never;

export class Outbox {
  readonly #meter: OutboxMeter;
  readonly #arena = new Arena(KEPT_BYTES_MAX);
  readonly #receivers = new Map<number, Receiver>();
  #post: Post | null = null;
  #inputs: ShardInput[] = [];
  #returned: ArrayBuffer[] = [];
  #turnsInFlight = 0;
  #flushScheduled = false;
  #nextId = 0;

  /** Without a meter, nothing is measured. */
  constructor(meter: OutboxMeter = new OutboxMeter()) {
    this.#meter = meter;
  }

  /** Inputs not yet answered. */
  get pending(): number {
    return this.#receivers.size;
  }

  /** From now on messages go to this worker; what collected so far goes first. */
  connect(post: Post): void {
    this.#post = post;
    this.#turnsInFlight = 0;
    this.#schedule();
  }

  /** The worker is gone: everybody who waits is told, buffers are forgotten. */
  disconnect(fault: Fault): void {
    this.#post = null;
    this.#meter.lost();
    this.#inputs = [];
    this.#arena.seal();
    this.#returned = [];
    const receivers = [...this.#receivers.values()];
    this.#receivers.clear();
    for (const receiver of receivers) receiver.fail(fault);
  }

  /** Appends a batch, copied here and now. */
  append(handle: number, acks: Acks, batch: Uint8Array, receiver: Receiver): void {
    const copy = this.#arena.take(batch.length);
    copy.set(batch);
    const input: AppendInput = { kind: "append", id: this.#register(receiver), handle, acks, batch: copy };
    this.#push(input);
  }

  /** Asks and remembers who waits; returns the id, for `cancel`. */
  ask(question: Question, receiver: Receiver): number {
    const id = this.#register(receiver);
    this.#push({ ...question, id } as ShardInput);
    return id;
  }

  /** Tells without waiting for an answer. */
  tell(input: Extract<ShardInput, { kind: "configure" | "cancel" }>): void {
    this.#push(input);
  }

  /** Handles a message of the worker: settles receivers, sends what collected meanwhile. */
  turned(message: Extract<FromPartitionWorker, { kind: "turned" }>, hear: (news: ShardNews) => void): void {
    for (const buffer of message.returned) this.#arena.giveBack(buffer);
    const leases = message.buffers.length === 0 ? null : this.#lease(message.buffers);
    if (message.asked) {
      this.#turnsInFlight--;
      this.#meter.answered(message.busyUs ?? 0);
    }
    for (const output of message.outputs) this.#settle(output, leases, hear);
    if (leases !== null) { for (const lease of leases.values()) lease.release(); }
    this.#schedule();
  }

  #settle(
    output: ShardOutput,
    leases: Map<ArrayBuffer, BufferLease> | null,
    hear: (news: ShardNews) => void,
  ): void {
    if (!("id" in output)) return hear(output);
    const receiver = this.#receivers.get(output.id);
    if (receiver === undefined) return;
    this.#receivers.delete(output.id);
    const lease = output.kind === "fetched" && leases !== null ? leaseOf(output, leases) : null;
    receiver.receive(output, lease);
  }

  #lease(buffers: readonly ArrayBuffer[]): Map<ArrayBuffer, BufferLease> {
    const leases = new Map<ArrayBuffer, BufferLease>();
    for (const buffer of buffers) leases.set(buffer, new BufferLease(buffer, this.#takeBack));
    return leases;
  }

  readonly #takeBack = (buffer: ArrayBuffer): void => {
    if (this.#post !== null) this.#returned.push(buffer);
  };

  #register(receiver: Receiver): number {
    const id = this.#nextId++;
    this.#receivers.set(id, receiver);
    return id;
  }

  #push(input: ShardInput): void {
    if (this.#inputs.length === 0) this.#meter.collects();
    this.#inputs.push(input);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushScheduled || this.#inputs.length === 0) return;
    if (this.#post === null || this.#turnsInFlight >= TURNS_IN_FLIGHT_MAX) return;
    this.#flushScheduled = true;
    queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushScheduled = false;
    if (this.#post === null || this.#inputs.length === 0) return;
    const inputs = this.#inputs;
    const returned = this.#returned;
    const buffers = this.#arena.seal();
    this.#inputs = [];
    this.#returned = [];
    this.#turnsInFlight++;
    this.#meter.sent(inputs.length);
    this.#post({ kind: "turn", inputs, buffers, returned }, [...buffers, ...returned]);
  };
}

/** Counts who still reads a buffer; the outbox itself holds it while it settles. */
class BufferLease implements Lease {
  readonly #buffer: ArrayBuffer;
  readonly #takeBack: (buffer: ArrayBuffer) => void;
  #holders = 1;

  constructor(buffer: ArrayBuffer, takeBack: (buffer: ArrayBuffer) => void) {
    this.#buffer = buffer;
    this.#takeBack = takeBack;
  }

  hold(): void {
    this.#holders++;
  }

  release(): void {
    assert(this.#holders > 0, "a lease is released as often as it is held");
    if (--this.#holders === 0) this.#takeBack(this.#buffer);
  }
}

/** Leases of an answer whose records lie in more than one buffer. */
class SharedLease implements Lease {
  readonly #leases: readonly Lease[];

  constructor(leases: readonly Lease[]) {
    this.#leases = leases;
  }

  hold(): void {
    for (const lease of this.#leases) lease.hold();
  }

  release(): void {
    for (const lease of this.#leases) lease.release();
  }
}

function leaseOf(output: FetchedOutput, leases: ReadonlyMap<ArrayBuffer, Lease>): Lease | null {
  const found = new Set<Lease>();
  for (const entry of output.entries) {
    const lease = entry.records.length === 0 ? undefined : leases.get(entry.records.buffer as ArrayBuffer);
    if (lease !== undefined) found.add(lease);
  }
  if (found.size === 0) return null;
  const [first] = found;
  return found.size === 1 ? first! : new SharedLease([...found]);
}
