/**
 * The console room put together: the guard, then health, metrics, the API and the
 * pages, each from files of its own. Called by the broker at the first request.
 */
import { Hono } from "hono";
import { HttpMeter } from "../meter/mod.ts";
import { Admission } from "./admission.ts";
import { failure, RequestError } from "./failure.ts";
import { healthRoutes } from "./health.ts";
import { countRequests, metricsRoutes, Scrapes } from "./metrics/mod.ts";
import { Checker } from "./openapi/check.ts";
import { openApiDocument } from "./openapi/document.ts";
import { mountRoutes } from "./openapi/mount.ts";
import { OTHERS, routesOf, SCHEMAS } from "./openapi/table.ts";
import type { ConsoleOptions } from "./options.ts";
import { pages } from "./pages/mod.ts";
import type { Peer } from "./peer.ts";
import { isStream as isStreamedBody } from "./records/produce.ts";
import { isTail } from "./records/read.ts";
import { TailHub } from "./records/tail_hub.ts";
import { guard, type IsStream } from "./safety.ts";
import type { ConsoleView } from "./view.ts";

/** What answers HTTP requests. */
export interface Console {
  fetch(request: Request, peer: Peer): Response | Promise<Response>;
  /** Ends what would go on for ever: live tails. */
  close(): void;
}

/** Makes the HTTP door's inside over a view of the broker. */
export function makeConsole(view: ConsoleView, options: ConsoleOptions): Console {
  const hub = new TailHub(view, options.clock);
  const checker = new Checker(SCHEMAS);
  const routes = routesOf(checker, hub);
  const app = new Hono<{ Bindings: Peer }>();
  const meter = new HttpMeter();
  app.use(countRequests(meter));
  const admission = new Admission(options);
  const isOpenEnded: IsStream = (request, path, peer) =>
    isStream(request, path, peer, options.requestBytesMax);
  app.use(guard(view, options, admission, isOpenEnded));
  app.route("/", healthRoutes(view));
  const scrapes = new Scrapes(view, options.clock, () => meter.families(admission));
  app.route("/", metricsRoutes(scrapes));
  app.get(
    "/openapi.json",
    () => Response.json(openApiDocument(view.identity.version, [...routes, ...OTHERS], SCHEMAS)),
  );
  mountRoutes(app, routes, { view, options, checker });
  const { routes: pageRoutes, close: closePages } = pages(view, options, () => scrapes.families());
  if (options.mode !== "off") app.route("/", pageRoutes);
  app.notFound((context) => failure(new RequestError(404, `There is nothing at "${context.req.path}"`)));
  app.onError((error) => answerError(error, options));
  const close = () => {
    hub.close();
    closePages();
  };
  return { fetch: (request, peer) => app.fetch(atRoot(request), peer), close };
}

/** Live tails, and records that are streamed in. */
function isStream(request: Request, path: string, peer: Peer, bytesMax: number): boolean {
  if (request.method === "GET") return /^\/topics\/[^/]+\/records$/.test(path) && isTail(request, peer);
  return request.method === "POST" && /^\/v3\/.*\/records$/.test(path) && isStreamedBody(request, bytesMax);
}

/** REST v3 lies under /v3, as Confluent's proxy has it, and under /kafka/v3, as their servers do. */
function atRoot(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.startsWith("/kafka/v3/")) return request;
  url.pathname = url.pathname.slice("/kafka".length);
  return new Request(url, request);
}

/** What was thrown on purpose is an answer; the rest is a bug, told in the log. */
function answerError(error: Error, { logger }: ConsoleOptions): Response {
  if (error instanceof RequestError) return failure(error);
  logger.log("error", `a request broke the http door: ${error.stack ?? error.message}`);
  return failure(new RequestError(500, "The broker failed at this request, see its log"));
}
