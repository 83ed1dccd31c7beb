/**
 * Metadata, key 3, versions 0 to 13: the broker, and topics with their partitions,
 * by name, by id (version 12), or all of them (`null`; in version 0 an empty list).
 * Missing topics are created where the client allows it (version 4; before that it
 * always does) and `auto.create.topics.enable` does; they are in the answer at
 * once. The broker's address is the one this client reached, unless one is
 * advertised: there is no second address to get wrong.
 *
 * Not done: racks, offline replicas. KIP-78, KIP-430, KIP-516, KIP-700.
 */
import { type DraftOf, type MessageOf, UUID_NIL } from "../../bytes/mod.ts";
import { type Fault, fault, type TopicImage } from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { clusterOperations, topicOperations } from "../operations.ts";
import { METADATA_REQUEST, METADATA_RESPONSE } from "../schemas/metadata.ts";

type Request = MessageOf<typeof METADATA_REQUEST>;
type Response = DraftOf<typeof METADATA_RESPONSE>;
type Topic = NonNullable<Response["topics"]>[number];

const CLUSTER_OPERATIONS_VERSIONS = [8, 10] as const;
const TOPIC_OPERATIONS_VERSION_MIN = 8;
/** Versions 10 and 11 have room for ids in requests, but none for a topic without a name in answers. */
const IDS_VERSION_MIN = 12;

export const metadata = defineApi({
  key: 3,
  request: METADATA_REQUEST,
  response: METADATA_RESPONSE,
  versions: [0, 13],
  serve(request, call) {
    const asked = call.version === 0 && request.topics?.length === 0 ? null : request.topics;
    const byId = (asked ?? []).filter(isById);
    const names = asked === null
      ? null
      : [...new Set(asked.flatMap((topic) => isById(topic) ? [] : topic.name!))];
    const answerAll = (topics: readonly Topic[]) => answer(request, call, topics);
    const found = byId.map(({ topicId }) => findById(topicId, request, call));
    if (names !== null && names.length === 0) return answerAll(found);
    const autoCreate = request.allowAutoTopicCreation;
    call.broker.submit({ kind: "metadata", topics: names, autoCreate }, (reply) => {
      if (reply.kind === "metadata") {
        const named = reply.topics.map(({ name, image, fault }) =>
          describe(name, image, fault, request, call)
        );
        return answerAll([...named, ...found]);
      }
      const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
      answerAll((names ?? []).map((name) => describe(name, null, failed, request, call)));
    });
  },
});

/** An id counts for more than a name: the Java client sends an empty name with it. */
function isById({ name, topicId }: NonNullable<Request["topics"]>[number]): boolean {
  return name === null || topicId !== UUID_NIL;
}

function findById(id: string, request: Request, call: Call<Response>): Topic {
  if (call.version < IDS_VERSION_MIN) {
    const failed = fault("INVALID_REQUEST", `Topic ids need Metadata version ${IDS_VERSION_MIN}`);
    return { ...describe("", null, failed, request, call), topicId: id };
  }
  const image = call.broker.image();
  const topic = image.topics.get(image.topicNamesById.get(id) ?? "") ?? null;
  const failed = topic === null ? fault("UNKNOWN_TOPIC_ID", `No topic has the id "${id}"`) : null;
  const described = describe(topic?.name ?? null, topic, failed, request, call);
  return topic === null ? { ...described, topicId: id } : described;
}

function describe(
  name: string | null,
  topic: TopicImage | null,
  failed: Fault | null,
  request: Request,
  { version }: Call<Response>,
): Topic {
  const asksOperations = version >= TOPIC_OPERATIONS_VERSION_MIN && request.includeTopicAuthorizedOperations;
  return {
    errorCode: errorCode(failed),
    name,
    topicId: topic?.id ?? UUID_NIL,
    isInternal: topic?.internal ?? false,
    partitions: (topic?.partitions ?? []).map((partition) => ({
      errorCode: 0,
      partitionIndex: partition.partition,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.inSyncReplicas,
    })),
    topicAuthorizedOperations: topicOperations(asksOperations),
  };
}

function answer(request: Request, call: Call<Response>, topics: readonly Topic[]): void {
  const [first, last] = CLUSTER_OPERATIONS_VERSIONS;
  const { nodeId } = call.endpoint;
  const asksOperations = call.version >= first && call.version <= last &&
    request.includeClusterAuthorizedOperations;
  call.answer({
    brokers: [{ ...call.endpoint, rack: null }],
    clusterId: call.broker.clusterId,
    controllerId: nodeId,
    topics,
    clusterAuthorizedOperations: clusterOperations(asksOperations),
  });
}
