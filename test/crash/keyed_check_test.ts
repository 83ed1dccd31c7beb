import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { POLICIES } from "./cleaning_topics.ts";
import { findWrong, type FoundRecord, type LogFacts } from "./keyed_check.ts";
import { KeyedLedger, valueOf } from "./keyed_ledger.ts";

const NOW_MS = 100_000;
const FACTS: LogFacts = { startOffset: 0, endOffset: 4, activeOffset: 3, readMs: NOW_MS, bytes: 1_000_000 };
const WHOLE = [0, 1, 2, 3];

/** Four records at offsets 0 to 3, of keys "a", "b", "a" and "c"; record 2 is a tombstone when told so. */
function ledgerOf(topic: string, { isMark = false, ageMs = 50_000 } = {}): KeyedLedger {
  const ledger = new KeyedLedger(POLICIES.find((policy) => policy.topic === topic)!, 0);
  for (const [sequence, key] of ["a", "b", "a", "c"].entries()) {
    const filling = sequence === 2 && isMark ? -1 : 3;
    ledger.records.set(sequence, { key, filling, sentMs: NOW_MS - ageMs, offset: sequence });
    ledger.sent++;
  }
  return ledger;
}

function read(ledger: KeyedLedger, sequences: readonly number[]): FoundRecord[] {
  return sequences.map((sequence) => {
    const sent = ledger.records.get(sequence)!;
    return { offset: sequence, key: sent.key, value: valueOf(sequence, sent), sequence };
  });
}

/** What is wrong with a log that has some of the four. */
function wrongWith(topic: string, sequences: readonly number[], more: Parameters<typeof ledgerOf>[1] = {}) {
  const ledger = ledgerOf(topic, more);
  return findWrong(ledger, read(ledger, sequences), FACTS);
}

describe("findWrong", () => {
  it("lets a log alone that has everything, or lacks what was superseded", () => {
    assert.deepEqual(wrongWith("latest", WHOLE), []);
    assert.deepEqual(wrongWith("latest", [1, 2, 3]), []);
    assert.deepEqual(wrongWith("latest", [1, 3], { isMark: true }), []);
  });

  it("catches that the last record of a key is missing", () => {
    assert.match(wrongWith("latest", [0, 1, 3]).join(), /record 2 of a, acknowledged at 2, is missing/);
    assert.match(wrongWith("latest", [2, 3]).join(), /record 1 of b/);
  });

  it("catches that an active segment, a young record or a log not to be compacted lacks one", () => {
    const ledger = ledgerOf("latest");
    assert.match(
      findWrong(ledger, read(ledger, [1, 2, 3]), { ...FACTS, activeOffset: 0 }).join(),
      /where 0 is due/,
    );
    assert.match(wrongWith("young", [1, 2, 3], { ageMs: 600 }).join(), /record 0 of a/);
    assert.match(wrongWith("sized", [1, 2, 3]).join(), /where 0 is due/);
  });

  it("catches a tombstone that goes early, and a value that outlives its tombstone", () => {
    assert.match(wrongWith("latest", [1, 3], { isMark: true, ageMs: 200 }).join(), /record 2 of a/);
    assert.match(wrongWith("young", [1, 3], { isMark: true }).join(), /record 2 of a/);
    assert.match(wrongWith("latest", [0, 1, 3], { isMark: true }).join(), /the tombstone behind it is gone/);
  });

  it("lets a tombstone alone that may never have come, and takes one that may have", () => {
    for (const found of [[0, 1, 3], [1, 3]]) {
      const ledger = ledgerOf("latest", { isMark: true });
      ledger.records.get(2)!.offset = -1;
      assert.deepEqual(findWrong(ledger, read(ledger, found), FACTS), []);
    }
  });

  it("catches a record that is moved, doubled, changed, invented or back", () => {
    const ledger = ledgerOf("latest");
    const found = read(ledger, WHOLE);
    const wrongIn = (...records: object[]) => {
      return findWrong(ledgerOf("latest"), records as FoundRecord[], { ...FACTS, activeOffset: 4 }).join();
    };
    assert.match(wrongIn(...found.slice(0, 3), { ...found[3]!, offset: 9 }), /was at 3 and is at 9/);
    assert.match(wrongIn(...found.slice(0, 2), ...found.slice(1)), /record 1 stands behind record 1/);
    assert.match(wrongIn(...found.slice(0, 3), { ...found[3]!, value: "x" }), /has not what was sent/);
    assert.match(wrongIn(...found, { ...found[3]!, offset: 4, sequence: 4 }), /record 4, never sent/);
    assert.deepEqual(findWrong(ledger, found.slice(1), FACTS), []);
    assert.match(findWrong(ledger, found, FACTS).join(), /record 0, gone before/);
  });

  it("catches a log that begins too early or too late, or ends too early", () => {
    const wrongAt = (topic: string, facts: Partial<LogFacts>, sequences: readonly number[]) => {
      const ledger = ledgerOf(topic, { ageMs: 1_000 });
      ledger.startOffset = ledger.trimAsked = ledger.trimAcked = topic === "sized" ? 1 : 0;
      return findWrong(ledger, read(ledger, sequences), { ...FACTS, ...facts }).join();
    };
    assert.match(wrongAt("sized", { startOffset: 0 }, WHOLE), /began at 1 before.*below a trim to 1/);
    assert.equal(wrongAt("sized", { startOffset: 1 }, [1, 2, 3]), "");
    assert.equal(wrongAt("sized", { startOffset: 2 }, [2, 3]), "");
    assert.match(wrongAt("sized", { startOffset: 2, bytes: 10 }, [2, 3]), /10 bytes, and 400000 are kept/);
    assert.match(wrongAt("both", { startOffset: 2 }, [2, 3]), /record 1 of b.*is missing/);
    assert.match(wrongAt("latest", { startOffset: 2 }, [2, 3]), /nothing may be deleted/);
    assert.match(wrongAt("latest", { endOffset: 3 }, [0, 1, 2]), /ends at 3, and 3 was acknowledged/);
  });
});
