/** Clients of several kinds in one group, where their assignors agree; where they do not, one is refused. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { carriesOnAfterItLeft, readsInTwoGroups, sharesPartitions, survivesAKill } from "./cases.ts";
import { CONFLUENT, KAFKA_PYTHON, KAFKAJS, PLATFORMATIC, PLATFORMATIC_NEW } from "./clients.ts";
import { GroupBroker, Scene } from "./stage.ts";

/** Each pair knows a common assignor. librdkafka cannot read what @platformatic/kafka subscribes with. */
const PAIRS = [[KAFKA_PYTHON, CONFLUENT], [PLATFORMATIC, KAFKA_PYTHON], [PLATFORMATIC_NEW, KAFKAJS]] as const;

for (const pair of PAIRS) {
  const missing = pair.flatMap(({ found }) => "missing" in found ? [found.missing] : []);
  const name = `a group of ${pair[0].name} and ${pair[1].name}`;
  if (missing.length > 0) console.log(`${name}: ${missing.join("; ")}`);
  const whereThere = missing.length > 0 ? it.ignore : it;

  describe(name, () => {
    let broker: GroupBroker;
    if (missing.length === 0) {
      beforeAll(async () => {
        broker = await GroupBroker.start();
      });
      afterAll(() => broker.stop());
    }

    whereThere(
      "shares three partitions: all to one, then two, one each, two idle, and back",
      () => sharesPartitions(broker, pair),
    );
    whereThere(
      "carries on from the commit when a member is killed, and loses nothing",
      () => survivesAKill(broker, pair),
    );
    whereThere("carries on from the other client's commit", () => carriesOnAfterItLeft(broker, pair));
    whereThere("reads the same topic beside another group", () => readsInTwoGroups(broker, pair));
  });
}

describe("a group of @platformatic/kafka", () => {
  it("does not take kafkajs, whose assignor it does not have, and goes on", async () => {
    const broker = await GroupBroker.start();
    const scene = new Scene(broker, await broker.createTopic(3));
    try {
      const member = scene.join(PLATFORMATIC, scene.topic);
      await scene.untilShared([member], 3, [3]);
      const stranger = scene.join(KAFKAJS, scene.topic);
      await scene.until("kafkajs is refused", () => /protocol type|INCONSISTENT/.test(stranger.words));
      assert.equal(stranger.assigned, null);
      await broker.write(scene.topic, 3, 5);
      await scene.untilRead([member], 3, 5);
    } finally {
      await scene.end();
      await broker.stop();
    }
  });
});
