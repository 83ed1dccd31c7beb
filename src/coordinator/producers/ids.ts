/**
 * Producer ids, each given out once: a block of them is reserved in the journal
 * before the first is seen outside, so a start after a crash begins behind it.
 * What is left of a block is lost with the process; there are 2^53.
 *
 *     image.nextProducerId ------------------v
 *     ... given | block: next ... end        | never given yet
 */
import { assert, type Fault, fault, type Image, type MetadataEvent } from "../../model/mod.ts";

/** Ids of one block. Source: Kafka's `ProducerIdsBlock`. */
const BLOCK_SIZE = 1_000;

/** Ids from `next` up to, not including, `end` may be given out without a word in the journal. */
export interface ProducerIdBlock {
  readonly next: number;
  readonly end: number;
}

/** Before the first id of a process. */
export const BLOCK_EMPTY: ProducerIdBlock = { next: 0, end: 0 };

export interface ProducerIdDecision {
  readonly producerId: number;
  /** What is left once the events are in the journal. */
  readonly block: ProducerIdBlock;
  /** A new block, where the old one is used up. */
  readonly events: readonly MetadataEvent[];
}

/** Gives out the next id. A fault when there is none. */
export function decideProducerId(image: Image, block: ProducerIdBlock): ProducerIdDecision | Fault {
  assert(
    block.next <= block.end && block.end <= image.nextProducerId,
    "a block is reserved before it is used",
  );
  if (block.next < block.end) {
    return { producerId: block.next, block: { ...block, next: block.next + 1 }, events: [] };
  }
  const first = image.nextProducerId;
  const end = first + BLOCK_SIZE;
  if (!Number.isSafeInteger(end)) {
    return fault("UNKNOWN_SERVER_ERROR", `Producer ids are used up at "${first}"`);
  }
  const reserved: MetadataEvent = { kind: "producer_ids_reserved", nextProducerId: end };
  return { producerId: first, block: { next: first + 1, end }, events: [reserved] };
}
