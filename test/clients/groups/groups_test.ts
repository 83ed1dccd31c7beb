/** Real clients in groups, each among its own kind: shares, a killed member, a comeback, groups beside each other. */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { carriesOnAfterItLeft, readsInTwoGroups, sharesPartitions, survivesAKill } from "./cases.ts";
import { CONFLUENT, KAFKA_PYTHON, KAFKAJS, PLATFORMATIC, PLATFORMATIC_NEW } from "./clients.ts";
import { GroupBroker } from "./stage.ts";

console.log(
  `groups of ${PLATFORMATIC_NEW.name}: a partition that comes back to a member is read again from where the ` +
    "member first began, whatever is committed, as against Apache Kafka: no case on kills",
);

for (const client of [KAFKAJS, PLATFORMATIC, PLATFORMATIC_NEW, KAFKA_PYTHON, CONFLUENT]) {
  const isMissing = "missing" in client.found;
  if ("missing" in client.found) console.log(`groups of ${client.name}: ${client.found.missing}`);
  const whereThere = isMissing ? it.ignore : it;

  describe(`groups of ${client.name}`, () => {
    let broker: GroupBroker;
    if (!isMissing) {
      beforeAll(async () => {
        broker = await GroupBroker.start();
      });
      afterAll(() => broker.stop());
    }

    whereThere(
      "share three partitions: all to one, then two, one each, two idle, and back",
      () => sharesPartitions(broker, [client]),
    );
    const whereItCarriesOn = client === PLATFORMATIC_NEW ? it.ignore : whereThere;
    whereItCarriesOn(
      "carry on from the commit when a member is killed, and lose nothing",
      () => survivesAKill(broker, [client]),
    );
    whereThere(
      "carry on from the commit when a member leaves and another comes",
      () => carriesOnAfterItLeft(broker, [client]),
    );
    whereThere("read the same topic beside each other", () => readsInTwoGroups(broker, [client]));
  });
}
