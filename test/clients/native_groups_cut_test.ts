/**
 * Members of a group whose connections are cut again and again, at the worst moments, while members come and
 * go: every record is read, none twice as long as nobody is fenced, and commits only grow.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type Weir } from "weir";
import { startBroker } from "weir/broker";
import { CuttingProxy, seeded } from "./cutting_proxy.ts";
import { Member, missing, produce, settled, until } from "./group_crew.ts";

const RECORDS = 300;

/** Looks at the commits until stopped; gives every one that went back. */
function watchCommits(weir: Weir): { stop(): Promise<string[]> } {
  let stopped = false;
  const fallen: string[] = [];
  const seen = new Map<number, number>();
  const watching = (async () => {
    while (!stopped) {
      for (const { partition, offset } of await weir.admin.groupOffsets("g")) {
        if (offset < (seen.get(partition) ?? 0)) {
          fallen.push(`${partition}: ${seen.get(partition)} to ${offset}`);
        }
        seen.set(partition, offset);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  watching.catch(() => {});
  const stop = async () => {
    stopped = true;
    await watching;
    return fallen;
  };
  return { stop };
}

describe("native groups over connections that break", () => {
  for (const seed of [1, 2, 3]) {
    it(`read every record once while members come and go: seed ${seed}`, async () => {
      await using broker = await startBroker({ memory: true });
      await using proxy = new CuttingProxy(broker.native, seeded(seed));
      await using direct = await connect(broker.native);
      await direct.admin.createTopic("t", { partitions: 6 });
      await using weir = await connect(proxy.address, { retryBackoffMs: 1, retryBackoffMsMax: 4 });
      const commits = watchCommits(direct);
      const join = (autoCommit: boolean) =>
        new Member(
          weir,
          { group: "g", topics: ["t"], autoCommit, autoCommitIntervalMs: 20, waitMsMax: 20 },
          (record, { consumer }) => autoCommit ? undefined : consumer.commit(record),
        );
      const members = [join(true), join(false)];
      await settled(direct, "g", 2, 6);
      proxy.rate = 0.05;
      for (let round = 0; round < 6; round++) {
        await produce(direct, "t", round * RECORDS, RECORDS, 6);
        if (round % 2 === 0) members.push(join(round % 4 === 0));
        else await members[(round - 1) / 2]!.close();
        await until(() => missing(members, (round + 1) * RECORDS - RECORDS / 2).length === 0);
      }
      proxy.rate = 0;
      await until(() => missing(members, 6 * RECORDS).length === 0);
      for (const member of members) await member.close();
      assert.deepEqual(await commits.stop(), []);
      assert.deepEqual(members.flatMap(({ strays }) => strays), []);
      assert.deepEqual(members.flatMap(({ told }) => told.filter((words) => words.startsWith("lost"))), []);
      assert.equal(members.flatMap(({ values }) => values).length, 6 * RECORDS);
      const offsets = await direct.admin.groupOffsets("g");
      assert.deepEqual(offsets.map(({ offset }) => offset), Array(6).fill(RECORDS));
      const { answers, behind } = proxy.cuts;
      assert.ok(
        answers + behind >= 20,
        `${answers} answers dropped, ${behind} connections cut behind a request`,
      );
    });
  }
});
