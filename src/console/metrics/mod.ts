/** Metrics for Prometheus: its text form, or OpenMetrics for who asks for that. */
import { Hono } from "hono";
import { CONTENT_TYPES, formOf } from "./exposition.ts";
import type { Scrapes } from "./scrape.ts";

export { countRequests } from "./count.ts";
export { Scrapes } from "./scrape.ts";

/** `GET /metrics`. */
export function metricsRoutes(scrapes: Scrapes): Hono {
  const routes = new Hono();
  routes.get("/metrics", async (context) => {
    const form = formOf(context.req.header("accept") ?? null);
    return new Response(await scrapes.text(form), {
      headers: { "content-type": CONTENT_TYPES[form], "cache-control": "no-store", vary: "accept" },
    });
  });
  return routes;
}
