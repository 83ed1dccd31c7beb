/** Metrics for Prometheus: its text form, or OpenMetrics for who asks for that; packed for who asks for that. */
import { Hono } from "hono";
import { wholeResponse } from "../whole_response.ts";
import { CONTENT_TYPES, formOf, takesGzip } from "./exposition.ts";
import type { Scrapes } from "./scrape.ts";

export { countRequests } from "./count.ts";
export { Scrapes } from "./scrape.ts";

/** `GET /metrics`. */
export function metricsRoutes(scrapes: Scrapes): Hono {
  const routes = new Hono();
  routes.get("/metrics", async (context) => {
    const form = formOf(context.req.header("accept") ?? null);
    const isPacked = takesGzip(context.req.header("accept-encoding") ?? null);
    const headers = {
      "content-type": CONTENT_TYPES[form],
      "cache-control": "no-store",
      vary: "accept, accept-encoding",
      ...(isPacked ? { "content-encoding": "gzip" } : {}),
    };
    return wholeResponse(await scrapes.text(form, isPacked ? "gzip" : "identity"), headers);
  });
  return routes;
}
