import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "weir";
import { FakeBroker } from "./fake_broker.ts";

describe("Producer's choice of a partition", () => {
  it("send keeps records without a key together, on one partition, until their batch leaves", async () => {
    await using broker = new FakeBroker({ t: 3 });
    await using weir = await connect(broker.address);
    await using producer = weir.producer({ lingerMs: 60_000 });
    const sent = Array.from({ length: 5 }, (_, index) => producer.send("t", { value: `${index}` }));
    await producer.flush();
    const places = await Promise.all(sent);
    assert.equal(new Set(places.map(({ partition }) => partition)).size, 1);
    assert.deepEqual(broker.values("t", places[0]!.partition), ["0", "1", "2", "3", "4"]);
    const later = await Promise.all([producer.send("t", { value: "5" }), producer.flush()]);
    assert.notEqual(later[0].partition, places[0]!.partition);
  });
});
