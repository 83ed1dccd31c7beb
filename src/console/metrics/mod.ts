/** Metrics for Prometheus: its text form, or OpenMetrics for who asks for that. */
import { Hono } from "hono";
import type { HttpMeter } from "../../meter/mod.ts";
import type { ConsoleOptions } from "../options.ts";
import type { ConsoleView } from "../view.ts";
import { CONTENT_TYPES, formOf } from "./exposition.ts";
import { Scrapes } from "./scrape.ts";

export { countRequests } from "./count.ts";

/** `GET /metrics`; `meter` counts the HTTP door's own requests. */
export function metricsRoutes(view: ConsoleView, { clock }: ConsoleOptions, meter: HttpMeter): Hono {
  const scrapes = new Scrapes(view, clock, () => meter.families());
  const routes = new Hono();
  routes.get("/metrics", async (context) => {
    const form = formOf(context.req.header("accept") ?? null);
    return new Response(await scrapes.text(form), {
      headers: { "content-type": CONTENT_TYPES[form], "cache-control": "no-store", vary: "accept" },
    });
  });
  return routes;
}
