/** Metrics for Prometheus, in its text form. */
import { Hono } from "hono";
import type { ConsoleView } from "../view.ts";

/** `GET /metrics`. */
export function metricsRoutes(view: ConsoleView): Hono {
  const routes = new Hono();
  routes.get("/metrics", async () => {
    const lines: string[] = [];
    for (const { name, help, type, samples } of await view.metrics()) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const { labels, value } of samples) {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
        lines.push(`${name}{${pairs.join(",")}} ${value}`);
      }
    }
    return new Response(lines.join("\n") + "\n", {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    });
  });
  return routes;
}
