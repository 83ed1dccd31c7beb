/**
 * The cases on groups, the same for every client and for clients together: shares,
 * a killed member, two groups. Nothing is judged by the clock; what never happens
 * fails after a minute.
 */
import assert from "node:assert/strict";
import type { GroupClient, Member, SeenRecord } from "./member.ts";
import { type GroupBroker, Scene, seen } from "./stage.ts";

const PARTITIONS = 3;

/** Runs `play` on a topic of three partitions, and ends every member it started. */
async function onScene(broker: GroupBroker, play: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new Scene(broker, await broker.createTopic(PARTITIONS));
  try {
    await play(scene);
  } finally {
    await scene.end();
  }
}

/** One, two, three and five members, which are `clients` in turn: all to one, shared, one each, two idle. */
export function sharesPartitions(broker: GroupBroker, clients: readonly GroupClient[]): Promise<void> {
  return onScene(broker, async (scene) => {
    const members: Member[] = [];
    const grow = async (count: number, shares: readonly number[]) => {
      while (members.length < count) {
        members.push(scene.join(clients[members.length % clients.length]!, `${scene.topic}-g`));
      }
      await scene.untilShared(members, PARTITIONS, shares);
    };
    await grow(1, [3]);
    await grow(2, [2, 1]);
    await grow(3, [1, 1, 1]);
    await grow(5, [1, 1, 1, 0, 0]);
    await scene.untilQuiet(members);
    await broker.write(scene.topic, PARTITIONS, 20);
    await scene.untilRead(members, PARTITIONS, 20);
    for (const member of members) assertInOrder(member);
    const total = members.reduce((sum, { records }) => sum + records.length, 0);
    assert.equal(total, PARTITIONS * 20, "each record is read once");
    assert.equal(members.filter(({ records }) => records.length > 0).length, 3, "two are idle");
    await leaves(scene, members);
  });
}

/** Members leave, one after another; the rest own everything at once, without waiting for the session's end. */
async function leaves(scene: Scene, members: readonly Member[]): Promise<void> {
  for (let left = members.length - 1; left > 0; left--) {
    await members[left]!.leave();
    const shares = { 1: [3], 2: [2, 1], 3: [1, 1, 1], 4: [1, 1, 1, 0] }[left]!;
    await scene.untilShared(members.slice(0, left), PARTITIONS, shares);
  }
  await members[0]!.leave();
}

/**
 * Two members read while records come; one is killed in the middle. The other
 * carries on from the commit: nothing is lost, and nothing that was committed is
 * read again.
 */
export function survivesAKill(broker: GroupBroker, clients: readonly GroupClient[]): Promise<void> {
  return onScene(broker, async (scene) => {
    const members = [clients[0]!, clients.at(-1)!].map((client) => scene.join(client, `${scene.topic}-g`));
    await scene.untilShared(members, PARTITIONS, [2, 1]);
    const [survivor, killed] = members as [Member, Member];
    await broker.write(scene.topic, PARTITIONS, 50);
    await scene.until("the one to be killed has begun", () => killed.records.length >= 5);
    const moved = killed.assigned!;
    await killed.kill();
    await broker.write(scene.topic, PARTITIONS, 50);
    await scene.untilShared([survivor], PARTITIONS, [3]);
    await scene.untilRead(members, PARTITIONS, 100);
    for (const partition of moved) assertCarriedOn(killed, survivor, partition);
    await survivor.leave();
  });
}

function assertCarriedOn(killed: Member, survivor: Member, partition: number): void {
  const of = ({ records }: Member) => records.filter((record) => record.partition === partition);
  const first = of(survivor)[0]!.offset;
  const committed = killed.committed.get(partition) ?? 0;
  const read = (of(killed).at(-1)?.offset ?? -1) + 1;
  assert.ok(
    committed <= first && first <= read,
    `partition ${partition} went on at ${first}: ${committed} was committed, ${read} read`,
  );
}

/** Two groups on one topic each read every record; a third that comes later, too. */
export function readsInTwoGroups(broker: GroupBroker, clients: readonly GroupClient[]): Promise<void> {
  return onScene(broker, async (scene) => {
    const groups = ["a", "b"].map((name) =>
      clients.map((client) => scene.join(client, `${scene.topic}-${name}`))
    );
    await broker.write(scene.topic, PARTITIONS, 20);
    for (const members of groups) await scene.untilRead(members, PARTITIONS, 20);
    groups.push([scene.join(clients[0]!, `${scene.topic}-c`)]);
    await scene.untilRead(groups[2]!, PARTITIONS, 20);
    await Promise.all(scene.members.map((member) => member.leave()));
    for (const members of groups) assert.equal(seen(members).size, PARTITIONS * 20);
  });
}

/** A member that left comes back: its group goes on behind what it committed. */
export function carriesOnAfterItLeft(broker: GroupBroker, clients: readonly GroupClient[]): Promise<void> {
  return onScene(broker, async (scene) => {
    const group = `${scene.topic}-g`;
    const first = scene.join(clients[0]!, group);
    await scene.untilShared([first], PARTITIONS, [3]);
    await broker.write(scene.topic, PARTITIONS, 20);
    await scene.untilRead([first], PARTITIONS, 20);
    await scene.until("all of it is committed", () => [...first.committed.values()].join() === "20,20,20");
    await first.leave();
    await broker.write(scene.topic, PARTITIONS, 10);
    const second = scene.join(clients.at(-1)!, group);
    await scene.untilRead([second], PARTITIONS, 10);
    const lowest = Math.min(...second.records.map(({ offset }) => offset));
    assert.equal(lowest, 20, "nothing that was committed is read again");
    await second.leave();
  });
}

/** The records of each partition come in order, without a gap. */
function assertInOrder({ records }: Member): void {
  const last = new Map<number, SeenRecord>();
  for (const record of records) {
    const before = last.get(record.partition);
    if (before !== undefined) assert.equal(record.offset, before.offset + 1, `partition ${record.partition}`);
    last.set(record.partition, record);
  }
}
