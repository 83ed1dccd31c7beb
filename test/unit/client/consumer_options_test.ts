import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect } from "weir";
import { FakeBroker } from "./fake_broker.ts";

describe("Consumer options", () => {
  it("refuses nothing to read, what only a group has, and options out of range, in words", async () => {
    await using broker = new FakeBroker({});
    await using weir = await connect(broker.address);
    const both = { group: "g", topics: ["t"], assignments: [{ topic: "t", partition: 0 }] };
    assert.throws(() => weir.consumer(both), /topics or a pattern, or assignments alone/);
    assert.throws(
      () => weir.consumer({ topics: ["t"], pattern: "t.*" }),
      /Pattern "t\.\*" must come with a group/,
    );
    assert.throws(() => weir.consumer({ group: "", topics: ["t"] }), /Option group "" must be a name/);
    await assert.rejects(
      weir.consumer({ topics: ["t"] }).commit(),
      /A consumer must have a group for commit/,
    );
    assert.throws(() => weir.consumer({}), /A consumer must have topics or assignments/);
    assert.throws(() => weir.consumer({ topics: ["t"], from: "yesterday" }), /Position "yesterday" must be/);
    assert.throws(() => weir.consumer({ topics: ["t"], waitMsMax: -1 }), /Option waitMsMax "-1" must be/);
  });
});
