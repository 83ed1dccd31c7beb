/** What a broker that starts or stops still answers. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { describe, it } from "@std/testing/bdd";
import { Admission } from "../../../src/console/admission.ts";
import type { ConsoleView } from "../../../src/console/mod.ts";
import type { Peer } from "../../../src/console/peer.ts";
import { guard } from "../../../src/console/safety.ts";
import { silentLogger, systemClock } from "../../../src/host/mod.ts";

describe("guard", () => {
  it("lets health and metrics through before the broker is ready, and nothing else", async () => {
    const options = {
      mode: "full",
      hosts: [],
      requestBytesMax: 1_000,
      requestsMax: 9,
      tailsMax: 9,
      requestMsMax: 10_000,
      clock: systemClock,
      logger: silentLogger,
    } as const;
    const app = new Hono<{ Bindings: Peer }>();
    const view = { isReady: () => false } as ConsoleView;
    app.use(guard(view, options, new Admission(options), () => false));
    app.get("*", () => new Response("told"));
    const statuses: Record<string, number> = {};
    for (const path of ["/metrics", "/health/live", "/", "/v3/clusters", "/metrics/x"]) {
      const headers = { host: "localhost:8080" };
      statuses[path] = (await app.request(`http://localhost:8080${path}`, { headers })).status;
    }
    assert.deepEqual(statuses, {
      "/metrics": 200,
      "/health/live": 200,
      "/": 503,
      "/v3/clusters": 503,
      "/metrics/x": 503,
    });
  });
});
