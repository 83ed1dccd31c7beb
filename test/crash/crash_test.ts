import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runCleaning } from "./cleaning.ts";
import { findBroken, type Promises } from "./ledger.ts";
import { GroupLedger } from "./group_ledger.ts";
import { runGroups } from "./groups.ts";
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

  it("has the offsets and members of groups as they were acknowledged", async () => {
    const result = await runGroups(4, Math.random);
    assert.deepEqual(result.broken, []);
    assert.ok(result.commits > 100, `${result.commits} commits were acknowledged`);
  });

  it("has the last record of every key, and no more than its topics say, when logs are cleaned all the time", async () => {
    const result = await runCleaning(4, Math.random, () => {});
    assert.deepEqual(result.broken, []);
    assert.ok(result.gone > 100, `${result.gone} records were cleaned away`);
    assert.ok(result.cleaned >= 4, `${result.cleaned} logs were found cleaned`);
  });

  it("would be caught losing a commit or a member, or giving a partition twice", () => {
    const ledger = new GroupLedger("g");
    for (let offset = ledger.ask(0); offset < 3; offset = ledger.ask(0)) ledger.acknowledge(0, offset);
    ledger.check([{ partition: 0, offset: 2 }], null);
    ledger.check([{ partition: 0, offset: 3 }], null);
    assert.deepEqual(ledger.broken, []);
    ledger.check([{ partition: 0, offset: 1 }], null);
    ledger.check([{ partition: 0, offset: 4 }], null);
    ledger.epochs.set("m", 7);
    ledger.check([], null);
    ledger.take(0, "m");
    ledger.take(0, "n");
    assert.equal(ledger.broken.length, 4);
    assert.match(ledger.broken[0]!, /is at 1, acknowledged was 2, asked 3/);
    assert.match(ledger.broken[2]!, /member m is gone/);
    assert.match(ledger.broken[3]!, /goes to n, and m has not given it up/);
  });

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
