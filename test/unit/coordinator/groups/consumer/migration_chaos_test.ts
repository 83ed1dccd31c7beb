/**
 * Members of both protocols come and go, so that the group changes its protocol
 * back and forth: no partition ever has two owners in the members' own view, every
 * command is answered at most once, and once it is calm all partitions are owned.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { stateOfClassic } from "../../../../../src/coordinator/groups/classic/mod.ts";
import { stateOfConsumer } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { ChaoticClassic } from "./classic_chaos_client.ts";
import { Client } from "./client.ts";
import { Driver } from "./driver.ts";

class World {
  readonly driver = new Driver({ t: 5 });
  readonly clients: Client[];
  readonly classics: ChaoticClassic[];
  #incarnations = 0;

  constructor(isEager: boolean) {
    this.clients = [0, 1].map((index) => new Client(`m${index}`, null, ["t"], index * 30_000));
    this.classics = [0, 1, 2].map(() => new ChaoticClassic(this.driver, isEager));
  }

  act(kind: number, who: number, what: number): void {
    const client = this.clients[who % this.clients.length]!;
    const classic = this.classics[who % this.classics.length]!;
    const actions: readonly (() => void)[] = [
      () => this.#beat(client),
      () => this.#receive(client),
      () => client.take(),
      () => classic.step(),
      () => classic.step(),
      () => classic.step(),
      () => what % 2 === 0 ? classic.lose() : client.sentId === null || client.lose(),
      () => what % 2 === 0 ? classic.leave() : this.#leave(client),
      () => what % 2 === 0 ? classic.crash() : this.#crash(client),
      () => this.driver.pass([10, 1_000, 5_000, 20_000][what % 4]!),
      () => this.driver.image.topics.get("t")!.partitions.length < 9 && this.driver.addPartitions("t", 1),
    ];
    actions[kind % actions.length]!();
    this.check();
  }

  check(): void {
    const owners = new Set<number>();
    const members = [
      ...this.driver.group?.members.keys() ?? [],
      ...this.driver.classic?.members.keys() ?? [],
    ];
    for (const client of this.clients) if (!members.includes(client.memberId)) client.owned = [];
    for (const classic of this.classics) if (!members.includes(classic.memberId)) classic.owned = [];
    const views = [
      ...this.clients.map(({ owned }) => owned.flatMap(({ partitions }) => partitions)),
      ...this.classics.map(({ owned }) => owned),
    ];
    for (const partition of views.flat()) {
      assert.ok(!owners.has(partition), `partition ${partition} has one owner`);
      owners.add(partition);
    }
  }

  calm(): void {
    for (let round = 0; round < 100; round++) {
      for (const client of this.clients) if (client.isUp) this.#report(client);
      for (const classic of this.classics) if (classic.isUp) classic.step();
      this.check();
      this.driver.pass(1_000);
    }
    for (const client of this.clients) this.#receive(client);
  }

  checkSettled(): void {
    const { group, classic, image } = this.driver;
    const up = [...this.clients, ...this.classics].filter(({ isUp }) => isUp);
    if (up.length === 0) return;
    if (group !== null) assert.equal(stateOfConsumer(group), "Stable");
    else assert.equal(stateOfClassic(classic!), "Stable");
    assert.equal(
      group === null,
      this.clients.every(({ isUp }) => !isUp),
      "the group speaks what its members speak",
    );
    assert.equal((group ?? classic)!.members.size, up.length);
    const owned = this.clients.flatMap(({ owned }) => owned.flatMap(({ partitions }) => partitions))
      .concat(this.classics.flatMap(({ owned }) => owned));
    assert.equal(owned.length, image.topics.get("t")!.partitions.length, "everything is owned");
  }

  #report(client: Client): void {
    this.#receive(client);
    client.take();
    this.#beat(client);
  }

  #beat(client: Client): void {
    client.isUp = true;
    if (client.sentId === null) client.sentId = this.driver.send(client.next());
  }

  #receive(client: Client): void {
    const reply = client.sentId === null ? null : this.driver.answer(client.sentId);
    if (reply !== null) client.receive(reply);
  }

  #leave(client: Client): void {
    if (client.isUp && client.epoch > 0) this.driver.send(client.farewell(-1));
  }

  #crash(client: Client): void {
    client.forget();
    client.isUp = false;
    client.memberId = `${client.memberId.slice(0, 2)}-${++this.#incarnations}`;
  }
}

describe("members of both protocols", () => {
  const actions = fc.array(fc.tuple(fc.nat(10), fc.nat(5), fc.nat(7)), { maxLength: 150, size: "max" });
  for (const isEager of [true, false]) {
    it(`never share a partition, and settle (${isEager ? "eager" : "cooperative"} classic members)`, () => {
      fc.assert(
        fc.property(actions, (actions) => {
          const world = new World(isEager);
          for (const [kind, who, what] of actions) world.act(kind, who, what);
          world.calm();
          world.checkSettled();
        }),
        { numRuns: 100 },
      );
    });
  }
});
