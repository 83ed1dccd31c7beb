/** Puts a table of routes into a hono application: what fits its row is served, the rest is told why not. */
import type { Context, Hono } from "hono";
import { readJson } from "../body.ts";
import { failure, RequestError } from "../failure.ts";
import type { ConsoleOptions } from "../options.ts";
import type { Peer } from "../peer.ts";
import type { ConsoleView } from "../view.ts";
import type { Checker } from "./check.ts";
import { Call, type Route } from "./route.ts";

/** What the routes are served with. */
export interface Serving {
  readonly view: ConsoleView;
  readonly options: ConsoleOptions;
  readonly checker: Checker;
}

export type Application = Hono<{ Bindings: Peer }>;

export function mountRoutes(app: Application, routes: readonly Route[], serving: Serving): void {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    const method = route.method.toUpperCase();
    app.on(method, path, (context) => serve(route, context, serving));
    methods.set(path, [...methods.get(path) ?? [], method]);
  }
  for (const [path, allowed] of methods) app.all(path, ({ req }) => refuse(req.method, allowed));
}

/** 405 for a method that nothing at the path answers. */
function refuse(method: string, allowed: readonly string[]): Response {
  const allow = (allowed.includes("GET") ? ["HEAD", ...allowed] : allowed).join(", ");
  return failure(new RequestError(405, `Method "${method}" is not taken here, wanted ${allow}`, { allow }));
}

async function serve(
  route: Route,
  context: Context<{ Bindings: Peer }>,
  { view, options, checker }: Serving,
): Promise<Response> {
  const given = { ...context.req.query(), ...context.req.param() } as Record<string, string>;
  const parameters = await checker.parameters(route.parameters, given);
  const request = context.req.raw;
  let body: unknown;
  if (route.body !== undefined) {
    body = await readJson(request, options.requestBytesMax);
    await checker.value(route.body, body);
  }
  return await route.serve(new Call({ view, options, request, peer: context.env, body }, parameters));
}
