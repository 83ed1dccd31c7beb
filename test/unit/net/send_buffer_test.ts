/** What the kernel keeps for a peer that takes nothing. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { systemClock } from "../../../src/host/mod.ts";
import { boundSendBuffers } from "../../../src/net/send_buffer.ts";

/** What can be written to a peer of a listener before nothing more is taken. */
async function takenBy(listener: Deno.TcpListener): Promise<number> {
  using peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using socket = await listener.accept();
  const bytes = new Uint8Array(65_536);
  const full = Symbol();
  let taken = 0;
  for (;;) {
    const count = await Promise.race([socket.write(bytes), systemClock.sleep(200).then(() => full)]);
    if (typeof count !== "number") break;
    taken += count;
  }
  peer.close();
  return taken;
}

describe("boundSendBuffers", () => {
  it("bounds what connections that are accepted afterwards may write into", async () => {
    if (Deno.build.os !== "linux") return;
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    assert.equal(boundSendBuffers(listener.addr.port, 32_768), true);
    const [bounded, free] = [await takenBy(listener), await takenBy(other)];
    assert.ok(bounded < 1_000_000 && bounded < free / 2, `${bounded} and ${free} bytes`);
  });

  it("finds no listener on a port that has none", () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    assert.equal(boundSendBuffers(port, 32_768), false);
  });
});
