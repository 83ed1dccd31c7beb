import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { findBroken, type Promises } from "./ledger.ts";
import { runRetries } from "./retries.ts";
import { runRounds } from "./rounds.ts";

describe("a broker that is killed under load", () => {
  it("keeps every acknowledged record, once, in order", async () => {
    const result = await runRounds(3, "both", Math.random, () => {});
    assert.deepEqual(result.broken, []);
    assert.ok(result.acked > 100, `${result.acked} records were acknowledged`);
  });

  for (const inFlightMax of [1, 5]) {
    it(`has every record of an idempotent producer once, with inFlightMax ${inFlightMax}`, async () => {
      const result = await runRetries(4, inFlightMax, Math.random);
      assert.deepEqual(result.broken, []);
      assert.ok(result.acked > 100, `${result.acked} records were acknowledged`);
    });
  }

  it("would be caught losing, doubling, moving or inventing a record", () => {
    const promises: Promises = {
      topic: "t",
      partition: 0,
      sent: 3,
      acked: new Map([[0, 0], [1, 1]]),
      trimAsked: 0,
      trimAcked: 0,
    };
    const record = (offset: number, text: string) => ({ offset, text: () => text }) as never;
    const sound = [record(0, "t/0/0//0"), record(1, "t/0/1/xx/2")];
    assert.deepEqual(findBroken(promises, sound), []);
    assert.match(findBroken(promises, sound.slice(0, 1)).join(), /acknowledged at 1 and is at no offset/);
    assert.match(findBroken(promises, [...sound, record(2, "t/0/1/xx/2")]).join(), /stands behind/);
    assert.match(findBroken(promises, [sound[0]!, record(2, "t/0/1/xx/2")]).join(), /where 1 is due/);
    assert.match(findBroken(promises, [...sound, record(2, "t/0/2/x/2")]).join(), /nobody sent/);
  });
});
