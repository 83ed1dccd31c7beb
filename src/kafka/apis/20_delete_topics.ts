/**
 * DeleteTopics, key 20, versions 1 to 6: by name, or from version 6 on by id. Each
 * topic succeeds or fails on its own; an entry with both a name and an id, with
 * neither, or whose topic another entry names too is refused.
 *
 * Not done: the timeout, for deletion waits for nobody; quotas. KIP-4, KIP-516.
 */
import { UUID_NIL } from "../../bytes/mod.ts";
import { type Fault, fault, type Image } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { DELETE_TOPICS_REQUEST, DELETE_TOPICS_RESPONSE } from "../schemas/delete_topics.ts";
import { changeTopics, type PlannedTopic } from "../topic_changes.ts";

const IDS_VERSION_MIN = 6;
const DISABLED_VERSION_MIN = 3;

export const deleteTopics = defineApi({
  key: 20,
  request: DELETE_TOPICS_REQUEST,
  response: DELETE_TOPICS_RESPONSE,
  versions: [1, 6],
  serve({ topics, topicNames }, call) {
    const asked = call.version >= IDS_VERSION_MIN
      ? topics
      : topicNames.map((name) => ({ name, topicId: UUID_NIL }));
    const image = call.broker.image();
    const planned = asked.map(({ name, topicId }) => plan(image, name, topicId));
    const commandOf = (items: readonly string[]) => ({ kind: "delete_topics", topics: items } as const);
    changeTopics(call.broker.submit, planned, commandOf, (answers) => {
      const responses = answers.map(({ name, fault }, position) => ({
        name,
        topicId: idOf(image, name) ?? asked[position]!.topicId,
        errorCode: errorCode(sayable(fault, call.version)),
        errorMessage: errorMessage(fault),
      }));
      call.answer({ responses });
    });
  },
});

/** Old clients do not know the code of deletion that is switched off. */
function sayable(failed: Fault | null, version: number): Fault | null {
  if (failed?.code !== "TOPIC_DELETION_DISABLED" || version >= DISABLED_VERSION_MIN) return failed;
  return { ...failed, code: "INVALID_REQUEST" };
}

function plan(image: Image, name: string | null, id: string): PlannedTopic<string> {
  if (name !== null && id !== UUID_NIL) {
    const words = `Topic "${name}" is named with the id "${id}" besides, wanted is one of them`;
    return { name, refused: fault("INVALID_REQUEST", words) };
  }
  if (name !== null) return { name, refused: null, item: name };
  if (id === UUID_NIL) {
    return {
      name,
      refused: fault("INVALID_REQUEST", "A topic has neither name nor id, wanted is one of them"),
    };
  }
  const known = image.topicNamesById.get(id);
  if (known !== undefined) return { name: known, refused: null, item: known };
  return { name, refused: fault("UNKNOWN_TOPIC_ID", `No topic has the id "${id}"`) };
}

function idOf(image: Image, name: string | null): string | undefined {
  return name === null ? undefined : image.topics.get(name)?.id;
}
