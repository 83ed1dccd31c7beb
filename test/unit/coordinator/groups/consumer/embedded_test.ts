/** The embedded consumer protocol as kafkajs speaks it, and what damaged bytes come to. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import kafkajs from "kafkajs";
import {
  assignmentBytes,
  readAssignment,
  readSubscription,
} from "../../../../../src/coordinator/groups/consumer/classic_members/embedded.ts";
import { subscription } from "./classic_client.ts";
import { Driver, owned } from "./driver.ts";

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const { image } = new Driver({ t: 3 });

function protocols(metadata: Uint8Array) {
  return [{ name: "range", metadata }];
}

describe("the embedded consumer protocol", () => {
  it("reads kafkajs's subscription", () => {
    const bytes = MemberMetadata.encode({ version: 1, topics: ["t", "gone"], userData: Buffer.from("x") });
    assert.deepEqual(readSubscription(protocols(new Uint8Array(bytes)), image)?.topics, ["t", "gone"]);
  });

  it("reads what is owned, of topics that exist", () => {
    assert.deepEqual(readSubscription(protocols(subscription(["t"], [2, 0])), image), {
      topics: ["t"],
      owned: owned(0, 2),
      rackId: null,
    });
  });

  it("writes an assignment kafkajs reads, and reads kafkajs's", () => {
    const bytes = assignmentBytes(owned(0, 2), subscription(["t"]), image);
    assert.deepEqual(MemberAssignment.decode(Buffer.from(bytes))?.assignment, { t: [0, 2] });
    const theirs = MemberAssignment.encode({ version: 1, assignment: { t: [1] }, userData: Buffer.alloc(0) });
    assert.deepEqual(readAssignment(new Uint8Array(theirs), image), owned(1));
  });

  it("takes versions to come for the newest one it knows", () => {
    const bytes = subscription(["t"]).slice();
    bytes.set([0, 3], 0);
    const newest = new Uint8Array([...bytes, 0, 0, 0, 7, 0, 1, 114]);
    assert.equal(readSubscription(protocols(newest), image)?.rackId, "r");
    newest.set([0, 9], 0);
    assert.equal(readSubscription(protocols(newest), image)?.rackId, "r");
  });

  it("takes no bytes for no partitions, and damaged ones for nothing", () => {
    assert.deepEqual(readAssignment(new Uint8Array(0), image), []);
    assert.equal(readAssignment(new Uint8Array([0]), image), null);
    assert.equal(readSubscription([], image), null);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      readSubscription(protocols(bytes), image);
      readAssignment(bytes, image);
    }));
  });
});
