/** Metadata by topic id, as clients ask for it: the Java client sends an empty name along with the id. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { AdminSession, ORDERS_ID } from "./admin_session.ts";

const METADATA = 3;

function ask(topicId: string, name: string | null): [string | null, string, number] {
  const answer = new AdminSession().ask(METADATA, 13, { topics: [{ topicId, name }] });
  const [topic] = answer["topics"] as [{ name: string | null; topicId: string; errorCode: number }];
  return [topic.name, topic.topicId, topic.errorCode];
}

describe("metadata by id", () => {
  for (const name of ["", null]) {
    it(`finds the topic when its name is sent as ${JSON.stringify(name)}`, () => {
      assert.deepEqual(ask(ORDERS_ID, name), ["orders", ORDERS_ID, 0]);
    });

    it(`answers UNKNOWN_TOPIC_ID with the id for an unknown one, its name sent as ${JSON.stringify(name)}`, () => {
      const unknown = "BBBBBBBBBBBBBBBBBBBBBQ";
      assert.deepEqual(ask(unknown, name), [null, unknown, 100]);
    });
  }
});
