/**
 * A group of the consumer protocol in disorder: members that join, report, lose
 * answers, repeat and delay heartbeats, leave, fall silent and come back, while
 * topics come, grow and go and the broker starts anew. Checks at every step that no
 * partition has two owners in the members' own view.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { stateOfConsumer } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { includes, isSame, union } from "../../../../../src/coordinator/groups/consumer/partitions.ts";
import { Client } from "./client.ts";
import { Driver } from "./driver.ts";

/** What is done, by whom, and how. */
export const ACTIONS = fc.array(fc.tuple(fc.nat(13), fc.nat(4), fc.nat(7)), { maxLength: 120, size: "max" });

const TOPICS = ["t", "u", "v"];

export class World {
  readonly driver: Driver;
  readonly clients: Client[];
  #incarnations = 0;

  constructor(assignors: readonly string[]) {
    this.driver = new Driver({ t: 4, u: 3 }, { consumerAssignors: assignors });
    this.clients = Array.from({ length: 5 }, (_, index) => {
      const topics = index < 3 ? ["t", "u"] : TOPICS.slice(index - 3);
      return new Client(`m${index}`, index === 2 ? "i" : null, topics, index % 2 * 30_000);
    });
  }

  act(kind: number, who: number, what: number): void {
    const client = this.clients[who % this.clients.length]!;
    const actions: readonly (() => void)[] = [
      () => this.beat(client),
      () => this.beat(client),
      () => this.receive(client),
      () => this.receive(client),
      () => client.take(),
      () => client.sentId === null || client.lose(),
      () => this.#repeat(client, what),
      () => this.#leave(client, what),
      () => this.#crash(client),
      () => this.driver.pass([10, 1_000, 5_000, 20_000][what % 4]!),
      () => this.#subscribe(client, what),
      () => this.#changeTopics(what),
      () => this.#restart(),
      () => this.driver.group !== null && this.driver.refresh(),
    ];
    actions[kind % actions.length]!();
    this.check();
  }

  beat(client: Client): void {
    if (!client.isUp) client.isUp = true;
    if (client.sentId === null) client.sentId = this.driver.send(client.next());
  }

  receive(client: Client): void {
    const reply = client.sentId === null ? null : this.driver.answer(client.sentId);
    if (reply !== null) client.receive(reply);
  }

  /** No partition has two owners, and nobody owns what is not known to be its own. */
  check(): void {
    const owners = new Set<string>();
    for (const client of this.clients) {
      const member = this.driver.group?.members.get(client.memberId);
      // It was taken out by a timer: what it did since then counts for nothing.
      if (member === undefined) client.owned = [];
      const held = member === undefined ? [] : union(member.assigned, member.pendingRevocation);
      assert.ok(includes(held, client.owned), `${client.memberId} owns what was given to it`);
      for (const { topicId, partitions } of client.owned) {
        for (const partition of partitions) {
          assert.ok(!owners.has(`${topicId} ${partition}`), "a partition has one owner");
          owners.add(`${topicId} ${partition}`);
        }
      }
    }
  }

  /** Everybody who is up reports and takes, until the silent are gone and nothing changes. */
  calm(rounds = 60): void {
    for (let round = 0; round < rounds; round++) {
      for (const client of this.clients) {
        if (!client.isUp) continue;
        this.receive(client);
        client.take();
        this.beat(client);
        this.check();
      }
      this.driver.pass(1_000);
    }
    for (const client of this.clients) this.receive(client);
  }

  checkSettled(): void {
    const { group, image } = this.driver;
    const up = this.clients.filter(({ isUp }) => isUp);
    if (group === null || up.length === 0) return;
    assert.equal(stateOfConsumer(group), "Stable");
    assert.deepEqual([...group.members.keys()].sort(), up.map(({ memberId }) => memberId).sort());
    for (const client of up) assert.ok(isSame(client.owned, group.targets.get(client.memberId)!));
    const wanted = TOPICS.filter((topic) =>
      up.some(({ subscribedTopics }) => subscribedTopics.includes(topic))
    )
      .reduce((sum, topic) => sum + (image.topics.get(topic)?.partitions.length ?? 0), 0);
    const owned = up.flatMap(({ owned }) => owned).reduce(
      (sum, { partitions }) => sum + partitions.length,
      0,
    );
    assert.equal(owned, wanted, "everything subscribed to is owned");
  }

  /** A heartbeat comes again: the last one, or one of an epoch that is over. */
  #repeat(client: Client, what: number): void {
    const last = client.sent.at(-1);
    if (!client.isUp || last === undefined) return;
    const old = client.sent.filter(({ memberEpoch }) => memberEpoch > 0 && memberEpoch < last.memberEpoch);
    const command = what % 2 === 0 ? last : old[what % Math.max(1, old.length)];
    // What it says of its partitions must not be older than what it said since.
    if (command === undefined || command === last && client.sentId === null) return;
    this.driver.send({ ...command, waitMsMax: 0 });
    if (command === last) client.lose();
  }

  #leave(client: Client, what: number): void {
    if (!client.isUp || client.epoch === 0) return;
    const isStatic = client.instanceId !== null && what % 2 === 0;
    this.driver.send(client.farewell(isStatic ? -2 : -1));
    client.sent.length = 0;
    if (isStatic && what % 4 === 0) client.memberId = `m2-${++this.#incarnations}`;
  }

  #crash(client: Client): void {
    client.forget();
    client.isUp = false;
    client.sent.length = 0;
    // A process that starts again has another id; a static one waits for the session of the old one.
    if (client.instanceId === null) {
      client.memberId = `${client.memberId.slice(0, 2)}-${++this.#incarnations}`;
    }
  }

  #subscribe(client: Client, what: number): void {
    client.subscribedTopics = [["t"], ["t", "u"], ["v"], TOPICS][what % 4]!;
    client.isUnsure = true;
  }

  #changeTopics(what: number): void {
    const { driver } = this;
    const topic = TOPICS[what % 3]!;
    const present = driver.image.topics.get(topic);
    if (present === undefined) driver.createTopic(topic, 2);
    else if (present.partitions.length < 8) driver.addPartitions(topic, 1 + what % 2);
    else driver.deleteTopic(topic);
  }

  #restart(): void {
    this.driver.restart();
    for (const client of this.clients) {
      if (client.sentId !== null) client.lose();
      // The connections are gone, and what was on its way with them.
      client.sent.length = 0;
    }
  }
}
