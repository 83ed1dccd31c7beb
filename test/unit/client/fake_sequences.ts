/**
 * How a broker checks idempotent batches, for the fake one: the last five of each producer and partition are
 * known, others must follow the last. Written from Kafka's rules, not from the broker's code.
 */
import { baseSequence, producerEpoch, producerId, recordCount } from "../../../src/record/mod.ts";

const SEQUENCE_COUNT = 2 ** 31;
const KNOWN_BATCHES = 5;

interface State {
  epoch: number;
  next: number;
  readonly batches: { readonly first: number; readonly count: number; readonly offset: number }[];
}

/** What becomes of a batch: appended, known already at an offset, or refused with a code. */
export type Verdict = "append" | { readonly offset: number } | { readonly code: string };

/** One partition's producers. */
export class FakeSequences {
  readonly #states = new Map<number, State>();

  check(batch: DataView): Verdict {
    const id = producerId(batch, 0);
    if (id < 0) return "append";
    const [first, epoch] = [baseSequence(batch, 0), producerEpoch(batch, 0)];
    const state = this.#states.get(id);
    if (state === undefined) return "append";
    if (epoch < state.epoch) return { code: "INVALID_PRODUCER_EPOCH" };
    if (epoch > state.epoch) return first === 0 ? "append" : { code: "OUT_OF_ORDER_SEQUENCE_NUMBER" };
    const known = state.batches.find((other) =>
      other.first === first && other.count === recordCount(batch, 0)
    );
    if (known !== undefined) return { offset: known.offset };
    return first === state.next ? "append" : { code: "OUT_OF_ORDER_SEQUENCE_NUMBER" };
  }

  note(batch: DataView, offset: number): void {
    const id = producerId(batch, 0);
    if (id < 0) return;
    const [first, epoch, count] = [baseSequence(batch, 0), producerEpoch(batch, 0), recordCount(batch, 0)];
    let state = this.#states.get(id);
    if (state === undefined || state.epoch !== epoch) {
      this.#states.set(id, state = { epoch, next: 0, batches: [] });
    }
    state.next = (first + count) % SEQUENCE_COUNT;
    state.batches.push({ first, count, offset });
    if (state.batches.length > KNOWN_BATCHES) state.batches.shift();
  }

  /** Like a clean stop and a start: only the last batch of each producer is known after it. */
  restart(): void {
    for (const { batches } of this.#states.values()) batches.splice(0, batches.length - 1);
  }

  /** Knows nothing of any producer. */
  clear(): void {
    this.#states.clear();
  }
}
