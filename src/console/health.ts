/** Health, for orchestrators: the process runs, and whether it serves. */
import { Hono } from "hono";
import type { ConsoleView } from "./view.ts";

export function healthRoutes(view: ConsoleView): Hono {
  const routes = new Hono();
  routes.get("/health/live", () => answer("live", 200));
  routes.get("/health/ready", () => view.isReady() ? answer("ready", 200) : answer("not ready", 503));
  return routes;
}

function answer(status: string, code: number): Response {
  return Response.json({ status }, { status: code, headers: { "cache-control": "no-store" } });
}
