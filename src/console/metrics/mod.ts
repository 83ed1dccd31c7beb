/** Metrics for Prometheus: its text form, or OpenMetrics for who asks for that. */
import { Hono } from "hono";
import type { ConsoleOptions } from "../options.ts";
import type { ConsoleView, MetricFamily } from "../view.ts";
import { CONTENT_TYPES, formOf } from "./exposition.ts";
import { Scrapes } from "./scrape.ts";

export { countRequests } from "./count.ts";

/** `GET /metrics`; `more` is what the HTTP door itself counts. */
export function metricsRoutes(
  view: ConsoleView,
  { clock }: ConsoleOptions,
  more: () => readonly MetricFamily[],
): Hono {
  const scrapes = new Scrapes(view, clock, more);
  const routes = new Hono();
  routes.get("/metrics", async (context) => {
    const form = formOf(context.req.header("accept") ?? null);
    return new Response(await scrapes.text(form), {
      headers: { "content-type": CONTENT_TYPES[form], "cache-control": "no-store", vary: "accept" },
    });
  });
  return routes;
}
