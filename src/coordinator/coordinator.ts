/**
 * The coordinator: the machine that owns topics and their metadata, the broker's
 * changed settings, the producer ids given out, and consumer groups. One call of
 * `turn` takes the inputs that came together, and does what is due by then:
 *
 *     each command: decide -> append (one batch) -> apply ... then one flush of each log -> outputs
 *
 * Nothing is seen outside before it is flushed; a failed flush throws, the worker
 * dies and everything comes back from the logs: the metadata journal first, which
 * says which topics there are, then the groups. Called by
 * `workers/coordinator.ts` and by the simulation.
 */
import { CoordinatorMeter } from "../meter/mod.ts";
import {
  applyEvents,
  assert,
  type CoordinatorCommand,
  type CoordinatorInput,
  type CoordinatorOutput,
  type CoordinatorSettings,
  type Fault,
  type GroupCommand,
  type GroupFigures,
  type GroupLogPosition,
  type Image,
  isGroupCommand,
  type MetadataEvent,
  OFFSETS_TOPIC,
} from "../model/mod.ts";
import { decide, refuse } from "./decide.ts";
import type { CompilePattern } from "./groups/consumer/pattern/pattern.ts";
import { type CommandAnswer, Groups } from "./groups/groups.ts";
import { memberUuid } from "./groups/member_id.ts";
import { type GroupJournal, openGroupJournal } from "./journal/group_journal.ts";
import type { Journal } from "./journal/journal.ts";
import { JournalError, type JournalOptions, openJournal } from "./journal/open_journal.ts";
import { BLOCK_EMPTY, type ProducerIdBlock } from "./producers/ids.ts";
import { offsetsTopicCreated } from "./topics/offsets_topic.ts";

/** What a coordinator needs from its shell. */
export interface CoordinatorOptions {
  readonly journal: Omit<JournalOptions, "nodeId" | "newId">;
  readonly groupLogs?: {
    /** Where they stood at the last stop, as far as it is known. */
    readonly positions: readonly GroupLogPosition[];
    /** Bytes of a log below which it is not made shorter. Default 4 MiB. */
    readonly shortenBytesMin?: number;
  };
  readonly settings: CoordinatorSettings;
  /** A random UUID as 22 characters of base64url. */
  readonly newId: () => string;
  /** Told of flushes. Default: nothing is measured. */
  readonly meter?: CoordinatorMeter;
}

/** The coordinator, and the "ready" output for those who asked for it. */
export interface OpenedCoordinator {
  readonly coordinator: Coordinator | null;
  /** "ready", or "refused" when there is no coordinator. */
  readonly output: Extract<CoordinatorOutput, { kind: "ready" | "refused" }>;
}

/** Replays the journals. Throws DiskError when they cannot be read or written. */
export function openCoordinator(options: CoordinatorOptions, nowMs: number): OpenedCoordinator {
  try {
    const { journal, image, report } = openJournal(
      { ...options.journal, nodeId: options.settings.nodeId, newId: options.newId },
      nowMs,
    );
    const coordinator = new Coordinator(options, journal, image);
    const groups = coordinator.begin(nowMs);
    return { coordinator, output: { kind: "ready", image, report: [...report, ...groups] } };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { coordinator: null, output: { kind: "refused", message: error.message } };
  }
}

/** Events that change what members may read. */
const OF_TOPICS: ReadonlySet<string> = new Set<MetadataEvent["kind"]>([
  "topic_created",
  "partitions_added",
  "topic_deleted",
]);

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #journal: Journal;
  readonly #meter: CoordinatorMeter;
  readonly #groups: Groups;
  #groupJournal: GroupJournal | null = null;
  #image: Image;
  #producerIds: ProducerIdBlock = BLOCK_EMPTY;
  #stopped = false;
  #appendedInTurn = false;
  #outputs: CoordinatorOutput[] = [];

  constructor(options: CoordinatorOptions, journal: Journal, image: Image) {
    this.#options = options;
    this.#journal = journal;
    this.#meter = options.meter ?? new CoordinatorMeter();
    this.#image = image;
    this.#groups = new Groups({
      log: {
        faultOf: (group) => this.#groupLogs().faultOf(this.#image, group),
        prepare: (nowMs) => this.#prepareGroupLogs(nowMs),
        append: (group, records, nowMs) => this.#groupLogs().append(this.#image, group, records, nowMs),
      },
      settings: options.settings.groups,
      newMemberId: () => memberUuid(options.newId()),
    });
  }

  /** Replays the groups, before the first turn; gives what an operator should read. Throws DiskError. */
  begin(nowMs: number): readonly string[] {
    const { journal: { disk, dataDirectory, clean }, groupLogs = { positions: [] } } = this.#options;
    const { journal, report } = openGroupJournal(
      { disk, dataDirectory, clean, ...groupLogs },
      this.#image,
      (record) => this.#groups.replay(record),
      nowMs,
    );
    this.#groupJournal = journal;
    this.#groups.begin(this.#image, nowMs);
    return report;
  }

  /** The cluster as it stands. */
  get image(): Image {
    return this.#image;
  }

  /** When a turn is wanted though nothing came. */
  get wakeMs(): number {
    return this.#stopped ? Number.MAX_SAFE_INTEGER : this.#groups.wakeMs;
  }

  /** The log of a partition of `__consumer_offsets`, to be read, never changed; `null` when it cannot be. */
  groupLog(partition: number, nowMs: number): ReturnType<GroupJournal["logOf"]> {
    return this.#stopped ? null : this.#groupLogs().logOf(this.#image, partition, nowMs);
  }

  /** All groups and all they committed, as they are measured: what turns until now made of them. */
  measureGroups(): GroupFigures {
    return this.#groups.measure();
  }

  /** True when a turn of these inputs must not come before `usePatterns`: a group or an input has a pattern. */
  needsPatterns(inputs: readonly CoordinatorInput[]): boolean {
    return !this.#stopped && this.#groups.needPatterns(inputs);
  }

  /** Hands over what knows patterns, which costs too much to be there before anybody needs it. */
  usePatterns(compilePattern: CompilePattern): void {
    this.#groups.usePatterns(compilePattern);
  }

  /** Takes inputs in their order, then does what is due; gives all outputs that causes. */
  turn(inputs: readonly CoordinatorInput[], nowMs: number): CoordinatorOutput[] {
    this.#outputs = [];
    this.#appendedInTurn = false;
    let stopId: number | null = null;
    for (const input of inputs) {
      assert(!this.#stopped && stopId === null, "stop is the last input a coordinator sees");
      if (input.kind === "stop") stopId = input.id;
      else if (isGroupCommand(input.command)) this.#decideGroup(input.id, input.command, nowMs);
      else this.#decide(input.id, input.command, nowMs);
    }
    this.#answer(stopId === null ? this.#groups.expire(this.#image, nowMs) : this.#groups.stop());
    this.#flush(nowMs);
    if (stopId !== null) this.#stop(stopId);
    return this.#outputs;
  }

  #decide(id: number, command: Exclude<CoordinatorCommand, GroupCommand>, nowMs: number): void {
    const { events, reply, block } = decide(this.#image, this.#producerIds, command, this.#options);
    const failed = events.length === 0 ? null : this.#append(events, nowMs);
    if (failed !== null) {
      this.#outputs.push({ kind: "decided", id, reply: refuse(reply, failed), events: [] });
      return;
    }
    this.#producerIds = block;
    this.#outputs.push({ kind: "decided", id, reply, events });
  }

  #decideGroup(id: number, command: GroupCommand, nowMs: number): void {
    this.#answer(this.#groups.decide(id, command, this.#image, nowMs));
  }

  #answer(answers: readonly CommandAnswer[]): void {
    for (const { id, reply } of answers) this.#outputs.push({ kind: "decided", id, reply, events: [] });
  }

  /** Into the journal and the image; a fault: into neither. */
  #append(events: readonly MetadataEvent[], nowMs: number): Fault | null {
    const failed = this.#journal.append(this.#image, events, nowMs);
    if (failed !== null) return failed;
    this.#image = applyEvents(this.#image, events);
    this.#appendedInTurn = true;
    const ofTopics = events.filter((event) => OF_TOPICS.has(event.kind));
    const deleted = events.filter((event) => event.kind === "topic_deleted").map(({ topic }) => topic);
    if (ofTopics.length > 0) this.#groups.changeTopics(new Set(deleted), nowMs);
    return null;
  }

  /** The groups' topic comes to be with the first group. */
  #prepareGroupLogs(nowMs: number): Fault | null {
    if (this.#image.topics.has(OFFSETS_TOPIC)) return null;
    const { newId, settings } = this.#options;
    const events = [offsetsTopicCreated(newId(), settings.groups, settings.nodeId)];
    const failed = this.#append(events, nowMs);
    if (failed !== null) return failed;
    // A log is made under the topic's id at once: no crash may take the id away and leave the log.
    this.#journal.flush();
    this.#outputs.push({ kind: "changed", events });
    return null;
  }

  #groupLogs(): GroupJournal {
    assert(this.#groupJournal !== null, "groups are replayed before the first turn");
    return this.#groupJournal;
  }

  /** The metadata first: no group is to know a topic that a crash takes away. */
  #flush(nowMs: number): void {
    const groupJournal = this.#groupLogs();
    if (groupJournal.isLong) groupJournal.shorten(this.#image, this.#groups.kept, nowMs);
    const isChanged = this.#appendedInTurn || groupJournal.isTouched;
    this.#meter.flushing();
    if (this.#appendedInTurn) this.#journal.flush();
    const groupLogs = groupJournal.flush();
    if (isChanged) this.#meter.flushed();
    if (this.#journal.snapshotIsDue) this.#journal.snapshot(this.#image, nowMs);
    for (const text of [...this.#journal.takeNotices(), ...groupJournal.takeNotices()]) {
      this.#outputs.push({ kind: "notice", text });
    }
    const { recoveryPoint } = this.#journal;
    if (isChanged) this.#outputs.push({ kind: "flushed", recoveryPoint, groupLogs });
  }

  #stop(id: number): void {
    this.#stopped = true;
    const groupLogs = this.#groupLogs().close();
    this.#outputs.push({ kind: "stopped", id, recoveryPoint: this.#journal.close(), groupLogs });
  }
}
