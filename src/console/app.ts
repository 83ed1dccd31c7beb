/**
 * The console room put together: the guard, then health, metrics, the API and the
 * pages, each from files of its own. Called by the broker at the first request.
 */
import { Hono } from "hono";
import { failure, RequestError } from "./failure.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics/mod.ts";
import type { ConsoleOptions } from "./options.ts";
import { pages } from "./pages/mod.ts";
import { guard } from "./safety.ts";
import type { ConsoleView } from "./view.ts";

/** What answers HTTP requests. */
export interface Console {
  fetch(request: Request): Response | Promise<Response>;
  /** Ends what would go on for ever: live tails. */
  close(): void;
}

/** Makes the HTTP door's inside over a view of the broker. */
export function makeConsole(view: ConsoleView, options: ConsoleOptions): Console {
  const app = new Hono();
  app.use(guard(view, options, () => false));
  app.route("/", healthRoutes(view));
  app.route("/", metricsRoutes(view, options));
  if (options.mode !== "off") app.route("/", pages(view, options));
  app.notFound((context) => failure(new RequestError(404, `There is nothing at "${context.req.path}"`)));
  app.onError((error) => answerError(error, options));
  return { fetch: (request) => app.fetch(request), close() {} };
}

/** What was thrown on purpose is an answer; the rest is a bug, told in the log. */
function answerError(error: Error, { logger }: ConsoleOptions): Response {
  if (error instanceof RequestError) return failure(error);
  logger.log("error", `a request broke the http door: ${error.stack ?? error.message}`);
  return failure(new RequestError(50001, "The broker failed at this request, see its log"));
}
