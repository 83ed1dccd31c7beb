/** How much HTTP may ask at once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Admission } from "../../../src/console/admission.ts";
import { silentLogger, systemClock } from "../../../src/host/mod.ts";

function admit(changes: { requestsMax?: number; tailsMax?: number; requestMsMax?: number } = {}): Admission {
  return new Admission({
    mode: "full",
    hosts: [],
    requestBytesMax: 1_000,
    requestsMax: 1,
    tailsMax: 1,
    requestMsMax: 10_000,
    clock: systemClock,
    logger: silentLogger,
    ...changes,
  });
}

/** A peer, and what says that it has its answer. */
function peer() {
  let complete = () => {};
  const completed = new Promise<void>((resolve) => complete = resolve);
  return { peer: { remote: "test", completed, upgrade: null }, complete };
}

const small = () => Promise.resolve(new Response("words"));
const large = () => Promise.resolve(new Response("x".repeat(200_000)));

describe("Admission", () => {
  it("lets as many work as may, and says when to come back to the rest", async () => {
    const admission = admit();
    let finish = (_: Response) => {};
    const first = admission.work(peer().peer, () => new Promise((resolve) => finish = resolve));
    const second = await admission.work(peer().peer, small);
    assert.deepEqual([second.status, second.headers.get("retry-after")], [429, "1"]);
    finish(new Response("done"));
    assert.equal(await (await first).text(), "done");
    assert.equal((await admission.work(peer().peer, small)).status, 200);
  });

  it("keeps the place of a large answer until the peer has taken it", async () => {
    const admission = admit();
    const reader = peer();
    const answer = await admission.work(reader.peer, large);
    assert.equal((await admission.work(peer().peer, small)).status, 429);
    assert.equal((await answer.text()).length, 200_000);
    reader.complete();
    await systemClock.sleep(0);
    assert.equal((await admission.work(peer().peer, small)).status, 200);
  });

  it("cuts off a large answer that is taken too slowly", async () => {
    const answer = await admit({ requestMsMax: 50 }).work(peer().peer, large);
    const reader = answer.body!.getReader();
    assert.equal((await reader.read()).value!.length, 65_536);
    await systemClock.sleep(80);
    await assert.rejects(reader.read(), /too long/);
  });

  it("answers 503 for work that takes too long, which keeps its place until it is done", async () => {
    const admission = admit({ requestMsMax: 30 });
    let finish = (_: Response) => {};
    const working = admission.work(peer().peer, () => new Promise((resolve) => finish = resolve));
    // The timer alone keeps nobody alive.
    const [late] = await Promise.all([working, systemClock.sleep(60)]);
    assert.equal(late.status, 503);
    assert.equal((await admission.work(peer().peer, small)).status, 429);
    finish(new Response("too late"));
    await systemClock.sleep(0);
    assert.equal((await admission.work(peer().peer, small)).status, 200);
  });

  it("counts streams apart, until their connections are done with them", async () => {
    const admission = admit();
    const stream = peer();
    assert.equal((await admission.stream(stream.peer, small)).status, 200);
    assert.equal((await admission.stream(peer().peer, small)).status, 429);
    assert.equal((await admission.work(peer().peer, small)).status, 200);
    stream.complete();
    await systemClock.sleep(0);
    assert.equal((await admission.stream(peer().peer, small)).status, 200);
  });
});
