import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ProducerIdentity } from "../../../src/client/producer_identity.ts";
import { Sequences } from "../../../src/client/sequences.ts";

function identityOf(producerId: number, producerEpoch = 0): ProducerIdentity {
  const identity = {
    producerId,
    producerEpoch,
    forget: (id: number) => id === identity.producerId && (identity.producerId = -1),
  };
  return identity as unknown as ProducerIdentity;
}

describe("Sequences", () => {
  it("stamp counts on, and from 2^31 - 1 to 0", () => {
    const sequences = new Sequences(2 ** 31 - 5);
    const bases = [3, 4, 1].map((count) => sequences.stamp(identityOf(9), count).baseSequence);
    assert.deepEqual(bases, [2 ** 31 - 5, 2 ** 31 - 2, 2]);
  });

  it("end leads to the next epoch, and after the last one to another producer id", () => {
    const identity = identityOf(9, 32_766);
    const sequences = new Sequences();
    sequences.stamp(identity, 3);
    sequences.end(identity, false);
    assert.deepEqual(sequences.stamp(identity, 1), { producerId: 9, producerEpoch: 32_767, baseSequence: 0 });
    sequences.end(identity, false);
    assert.equal(identity.producerId, -1);
    const next = sequences.stamp(identityOf(10), 1);
    assert.deepEqual(next, { producerId: 10, producerEpoch: 0, baseSequence: 0 });
  });
});
