/**
 * The coordinator: the machine that owns topics and their metadata, the broker's
 * changed settings and the producer ids given out. One call of
 * `turn` takes the inputs that came together:
 *
 *     each command: decide -> append (one batch) -> apply ... then one flush -> outputs
 *
 * Nothing is seen outside before it is flushed; a failed flush throws, the worker
 * dies and the image comes back from the journal. Called by
 * `workers/coordinator.ts` and by the simulation.
 */
import {
  applyEvents,
  assert,
  type CoordinatorCommand,
  type CoordinatorInput,
  type CoordinatorOutput,
  type CoordinatorSettings,
  fault,
  type Image,
  isGroupCommand,
} from "../model/mod.ts";
import { decide, refuse } from "./decide.ts";
import type { Journal } from "./journal/journal.ts";
import { JournalError, type JournalOptions, openJournal } from "./journal/open_journal.ts";
import { BLOCK_EMPTY, type ProducerIdBlock } from "./producers/ids.ts";

/** What a coordinator needs from its shell. */
export interface CoordinatorOptions {
  readonly journal: Omit<JournalOptions, "nodeId">;
  readonly settings: CoordinatorSettings;
  /** A random UUID as 22 characters of base64url. */
  readonly newId: () => string;
}

/** The coordinator, and the "ready" output for those who asked for it. */
export interface OpenedCoordinator {
  readonly coordinator: Coordinator | null;
  /** "ready", or "refused" when there is no coordinator. */
  readonly output: Extract<CoordinatorOutput, { kind: "ready" | "refused" }>;
}

/** Replays the journal. Throws DiskError when it cannot be read or written. */
export function openCoordinator(options: CoordinatorOptions, nowMs: number): OpenedCoordinator {
  try {
    const { journal, image, report } = openJournal(
      { ...options.journal, nodeId: options.settings.nodeId },
      nowMs,
    );
    const coordinator = new Coordinator(options, journal, image);
    return { coordinator, output: { kind: "ready", image, report } };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { coordinator: null, output: { kind: "refused", message: error.message } };
  }
}

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #journal: Journal;
  #image: Image;
  #producerIds: ProducerIdBlock = BLOCK_EMPTY;
  #stopped = false;
  #appendedInTurn = false;

  constructor(options: CoordinatorOptions, journal: Journal, image: Image) {
    this.#options = options;
    this.#journal = journal;
    this.#image = image;
  }

  /** The cluster as it stands. */
  get image(): Image {
    return this.#image;
  }

  /** Takes inputs in their order; gives all outputs they cause. */
  turn(inputs: readonly CoordinatorInput[], nowMs: number): CoordinatorOutput[] {
    const outputs: CoordinatorOutput[] = [];
    this.#appendedInTurn = false;
    let stopId: number | null = null;
    for (const input of inputs) {
      assert(!this.#stopped && stopId === null, "stop is the last input a coordinator sees");
      if (input.kind === "stop") stopId = input.id;
      else outputs.push(this.#decide(input.id, input.command, nowMs));
    }
    if (this.#appendedInTurn) this.#journal.flush();
    if (this.#journal.snapshotIsDue) this.#journal.snapshot(this.#image, nowMs);
    for (const text of this.#journal.takeNotices()) outputs.push({ kind: "notice", text });
    if (this.#appendedInTurn) {
      outputs.push({ kind: "flushed", recoveryPoint: this.#journal.recoveryPoint, groupLogs: [] });
    }
    if (stopId !== null) {
      this.#stopped = true;
      outputs.push({ kind: "stopped", id: stopId, recoveryPoint: this.#journal.close(), groupLogs: [] });
    }
    return outputs;
  }

  #decide(id: number, command: CoordinatorCommand, nowMs: number): CoordinatorOutput {
    if (isGroupCommand(command)) {
      const failed = fault("COORDINATOR_NOT_AVAILABLE", "Groups are not served yet");
      return { kind: "decided", id, reply: { kind: "failed", fault: failed }, events: [] };
    }
    const { events, reply, block } = decide(this.#image, this.#producerIds, command, this.#options);
    const failed = events.length === 0 ? null : this.#journal.append(this.#image, events, nowMs);
    if (failed !== null) return { kind: "decided", id, reply: refuse(reply, failed), events: [] };
    this.#producerIds = block;
    if (events.length > 0) {
      this.#image = applyEvents(this.#image, events);
      this.#appendedInTurn = true;
    }
    return { kind: "decided", id, reply, events };
  }
}
