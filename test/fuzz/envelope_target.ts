/**
 * Fuzz target: messages between threads. The bytes choose the shape of a message;
 * the checks take it or throw EnvelopeError. What a shard makes of odd inputs is
 * another target's.
 */
import { EnvelopeError, openFromPartitionWorker, openToPartitionWorker } from "../../src/mailbox/envelope.ts";

export const name = "envelopes";

/** Reads numbers and choices off the input; zero when it is used up. */
class Dice {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}
  below(bound: number): number {
    return (this.bytes[this.#at++] ?? 0) % bound;
  }
}

export function run(input: Uint8Array): void {
  const dice = new Dice(input);
  attempt(() => openToPartitionWorker(oddMessage(dice, 0)));
  attempt(() => openFromPartitionWorker(oddMessage(dice, 0)));
}

function attempt(open: () => unknown): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
  }
}

function oddMessage(dice: Dice, depth: number): unknown {
  const leaves = [
    undefined,
    null,
    true,
    "turn",
    "turned",
    "start",
    7,
    NaN,
    [],
    new ArrayBuffer(1),
    new Uint8Array(2),
  ];
  if (depth > 2 || dice.below(3) === 0) return leaves[dice.below(leaves.length)];
  const keys = ["kind", "inputs", "outputs", "buffers", "returned", "asked", "options", "disk"];
  const message: Record<string, unknown> = { kind: ["turn", "turned", "start", "started"][dice.below(4)] };
  for (let count = dice.below(6); count > 0; count--) {
    const value = oddMessage(dice, depth + 1);
    message[keys[dice.below(keys.length)]!] = dice.below(2) === 0 ? value : [value];
  }
  return message;
}
