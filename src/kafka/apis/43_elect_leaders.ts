/**
 * ElectLeaders, key 43, versions 0 to 2: every partition has one replica, which
 * leads it, so that no election is needed, preferred (0) or unclean (1). Asked
 * for all partitions (`null`) there is nothing to tell, as in Kafka.
 *
 * Not done: elections. KIP-183, KIP-460.
 */
import { type Fault, fault, type Image } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { ELECT_LEADERS_REQUEST, ELECT_LEADERS_RESPONSE } from "../schemas/elect_leaders.ts";

const UNCLEAN = 1;

export const electLeaders = defineApi({
  key: 43,
  request: ELECT_LEADERS_REQUEST,
  response: ELECT_LEADERS_RESPONSE,
  versions: [0, 2],
  serve({ electionType, topicPartitions }, call) {
    const image = call.broker.image();
    const refused = electionType === 0 || electionType === UNCLEAN
      ? null
      : fault("INVALID_REQUEST", `Election type "${electionType}" is unknown, wanted is 0 or 1`);
    call.answer({
      errorCode: errorCode(refused),
      replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => {
          const wrong = refused ?? outcomeOf(image, topic, partitionId);
          return { partitionId, errorCode: errorCode(wrong), errorMessage: errorMessage(wrong) };
        }),
      })),
    });
  },
});

function outcomeOf(image: Image, topic: string, partition: number): Fault {
  if (image.topics.get(topic)?.partitions[partition] === undefined) {
    return fault("UNKNOWN_TOPIC_OR_PARTITION", `Partition "${partition}" of topic "${topic}" does not exist`);
  }
  return fault("ELECTION_NOT_NEEDED", `Partition "${partition}" of topic "${topic}" has its leader`);
}
