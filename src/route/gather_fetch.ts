/**
 * One fetch over several workers. Each worker gets its entries with a share of
 * the bytes wanted; as soon as one has its share (or a fault, or a log that was
 * cut, or its time is over) the others are asked for what they have. If all of it together is still
 * less than the client wants and there is time, the round is asked again with
 * shares above what each had, so that the client waits for `bytesMin` in all
 * wherever the bytes come in.
 */
import {
  type Fault,
  fault,
  type FetchCommand,
  type FetchedEntry,
  fetchedNothing,
  type FetchedOutput,
  type Lease,
  type Receiver,
  type Reply,
} from "../model/mod.ts";
import type { Deadlines, Expiring } from "./deadlines.ts";
import { isFault, locate } from "./locate.ts";
import type { Place, RouterPorts } from "./ports.ts";

/** How much longer than the client's own wait a worker may take. */
const GRACE_MS = 30_000;

interface Group {
  readonly outbox: Place["outbox"];
  /** Index of each of its entries in the command. */
  readonly indexes: number[];
  readonly handles: number[];
  askedId: number;
  answered: boolean;
  bytes: number;
}

export class FetchGather implements Expiring {
  readonly deadlineMs: number;
  readonly #command: FetchCommand;
  readonly #ports: RouterPorts;
  readonly #deadlines: Deadlines;
  readonly #done: (reply: Reply) => void;
  readonly #entries: FetchedEntry[];
  readonly #groups: Group[] = [];
  readonly #startMs: number;
  #leases: Lease[] = [];
  #isUrgent = false;
  #over = false;

  constructor(command: FetchCommand, ports: RouterPorts, deadlines: Deadlines, done: (reply: Reply) => void) {
    this.#command = command;
    this.#ports = ports;
    this.#deadlines = deadlines;
    this.#done = done;
    this.#startMs = ports.nowMs();
    this.deadlineMs = this.#startMs + command.waitMsMax + GRACE_MS;
    this.#entries = command.entries.map(({ topic, partition }) => fetchedNothing(topic, partition, null));
  }

  /** Sends the first round. */
  start(): void {
    this.#command.entries.forEach(({ topic, partition }, index) => {
      const place = locate(this.#ports, topic, partition);
      if (isFault(place)) this.#refuse(index, place);
      else this.#assign(index, place);
    });
    if (this.#groups.length === 0) return this.#finish();
    this.#deadlines.add(this);
    const share = Math.ceil(this.#command.bytesMin / this.#groups.length);
    for (const group of this.#groups) this.#ask(group, share, this.#isUrgent ? 0 : this.#command.waitMsMax);
  }

  expire(): void {
    const overdue = fault("REQUEST_TIMED_OUT", "The partition's worker did not answer in time");
    for (const group of this.#groups) if (!group.answered) this.#failGroup(group, overdue);
    if (!this.#over) this.#finish();
  }

  #refuse(index: number, failed: Fault): void {
    const { topic, partition } = this.#command.entries[index]!;
    this.#entries[index] = fetchedNothing(topic, partition, failed);
    this.#isUrgent = true;
  }

  #assign(index: number, place: Place): void {
    let group = this.#groups.find((group) => group.outbox === place.outbox);
    if (group === undefined) {
      group = { outbox: place.outbox, indexes: [], handles: [], askedId: -1, answered: false, bytes: 0 };
      this.#groups.push(group);
    }
    group.indexes.push(index);
    group.handles.push(place.handle);
  }

  #ask(group: Group, bytesMin: number, waitMsMax: number): void {
    const { entries, isolation, bytesMax } = this.#command;
    group.answered = false;
    const receiver: Receiver = {
      receive: (output, lease) => {
        if (output.kind === "fetched") this.#receive(group, output, lease);
      },
      fail: (failed) => {
        if (this.#over || group.answered) return;
        this.#failGroup(group, failed);
        this.#advance(group);
      },
    };
    const question = {
      kind: "fetch",
      waitMsMax,
      bytesMin,
      bytesMax: Math.ceil(Math.min(bytesMax, this.#ports.fetchBytesMax()) / this.#groups.length),
      isolation,
      entries: group.indexes.map((index, position) => ({
        handle: group.handles[position]!,
        offset: entries[index]!.offset,
        bytesMax: entries[index]!.bytesMax,
        currentLeaderEpoch: entries[index]!.currentLeaderEpoch,
        lastFetchedEpoch: entries[index]!.lastFetchedEpoch,
      })),
    } as const;
    group.askedId = group.outbox.ask(question, receiver);
  }

  #receive(group: Group, output: FetchedOutput, lease: Lease | null): void {
    if (this.#over || group.answered) return;
    group.answered = true;
    group.bytes = 0;
    output.entries.forEach((entry, position) => {
      const index = group.indexes[position]!;
      const { topic, partition } = this.#command.entries[index]!;
      const { handle: _, ...found } = entry;
      this.#entries[index] = { topic, partition, ...found };
      group.bytes += found.records.length;
      if (found.fault !== null || found.divergingEpoch !== null) this.#isUrgent = true;
    });
    if (lease !== null) {
      lease.hold();
      this.#leases.push(lease);
    }
    this.#advance(group);
  }

  #failGroup(group: Group, failed: Fault): void {
    group.answered = true;
    group.bytes = 0;
    for (const index of group.indexes) this.#refuse(index, failed);
  }

  /** One worker answered: hurry the others, and when it was the last, reply or go on waiting. */
  #advance(answered: Group): void {
    const waiting = this.#groups.filter((group) => !group.answered);
    if (waiting.length > 0) {
      for (const group of waiting) {
        if (group !== answered) group.outbox.tell({ kind: "cancel", id: group.askedId });
      }
      return;
    }
    const bytes = this.#groups.reduce((sum, group) => sum + group.bytes, 0);
    const leftMs = this.#startMs + this.#command.waitMsMax - this.#ports.nowMs();
    if (this.#isUrgent || bytes >= this.#command.bytesMin || leftMs <= 0) return this.#finish();
    this.#askAgain(Math.ceil((this.#command.bytesMin - bytes) / this.#groups.length), leftMs);
  }

  #askAgain(missingShare: number, leftMs: number): void {
    for (const lease of this.#leases) lease.release();
    this.#leases = [];
    for (const group of this.#groups) this.#ask(group, group.bytes + missingShare, leftMs);
  }

  #finish(): void {
    this.#over = true;
    this.#deadlines.remove(this);
    this.#done({ kind: "fetched", entries: this.#entries, lease: joinLeases(this.#leases) });
  }
}

function joinLeases(leases: readonly Lease[]): Lease | null {
  if (leases.length <= 1) return leases[0] ?? null;
  return {
    hold: () => leases.forEach((lease) => lease.hold()),
    release: () => leases.forEach((lease) => lease.release()),
  };
}
