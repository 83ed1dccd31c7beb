/** Bodies of the Kafka door's requests: what stands behind them is not looked at. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { concat } from "@std/bytes/concat";
import { Reader } from "../../../src/bytes/mod.ts";
import { readBody } from "../../../src/kafka/frame.ts";
import { findApi } from "../../../src/kafka/registry.ts";

describe("readBody", () => {
  it("takes librdkafka's Metadata request of no topics, which has three bytes too many", () => {
    const body = concat([Uint8Array.of(0, 0, 0, 0), Uint8Array.of(1, 0, 0)]);
    const request = readBody(new Reader(body), findApi(3)!, 13);
    assert.equal(request.topics, null);
    assert.equal(request.allowAutoTopicCreation, false);
  });
});
