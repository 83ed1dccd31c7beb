/**
 * What stands before every request: the host header (against DNS rebinding), the
 * origin (against requests forged by other sites' pages), what the mode allows.
 * And the headers on every answer. Health is answered to anybody.
 */
import type { MiddlewareHandler } from "hono";
import type { Admission } from "./admission.ts";
import { failure, RequestError } from "./failure.ts";
import type { ConsoleOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import type { ConsoleView } from "./view.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  [
    "content-security-policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  // With "no-referrer" browsers would hide the origin of our own forms.
  ["referrer-policy", "same-origin"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
];

/** Requests whose bodies or answers may flow for as long as they like. */
export type IsStream = (request: Request, path: string, peer: Peer) => boolean;

/** The guard, for `app.use`. */
export function guard(
  view: ConsoleView,
  options: ConsoleOptions,
  admission: Admission,
  isStream: IsStream,
): MiddlewareHandler<{ Bindings: Peer }> {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  return async (context, next) => {
    const request = context.req.raw;
    const { path } = context.req;
    const serve = async () => {
      await next();
      return context.res;
    };
    if (path.startsWith("/health/")) {
      await next();
    } else {
      const refusal = refuse(request, path, view, options, hosts);
      if (refusal !== null) context.res = failure(refusal);
      else if (isStream(request, path, context.env)) context.res = await admission.stream(context.env, serve);
      else context.res = await admission.work(context.env, serve);
    }
    for (const [name, value] of HEADERS) context.res.headers.set(name, value);
  };
}

function refuse(
  request: Request,
  path: string,
  view: ConsoleView,
  options: ConsoleOptions,
  hosts: ReadonlySet<string>,
): RequestError | null {
  const host = request.headers.get("host") ?? "";
  if (!isOurHost(host, hosts)) {
    return new RequestError(421, `Host "${host}" is not known here: add it to the setting "http.hosts"`);
  }
  const isSafe = SAFE_METHODS.has(request.method);
  const isHarmless = isSafe && !request.headers.has("upgrade");
  if (isHarmless ? isEmbedded(request) : isForeign(request, host)) {
    return new RequestError(40301, "Requests from other sites' pages are refused");
  }
  // That it is not ready, and why it takes so long, is to be seen there.
  if (!view.isReady() && path !== "/metrics") {
    return new RequestError(50301, "The broker is starting or stopping", { "retry-after": "1" });
  }
  if (!isSafe && options.mode !== "full") {
    return new RequestError(40302, 'The HTTP door is read-only, the setting "console.mode" says so');
  }
  return null;
}

/** An IP address cannot be a name that somebody else's DNS points here; names must be known. */
function isOurHost(host: string, hosts: ReadonlySet<string>): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  const isAddress = /^\[[0-9a-f:.]+\]$/.test(name) || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
  return isAddress || name === "localhost" || name.endsWith(".localhost") || hosts.has(name) ||
    hosts.has("*");
}

/**
 * True for what a page of another origin asks for itself: it cannot read the answer, but could keep the
 * door busy. A link that somebody follows from there is welcome.
 */
function isEmbedded(request: Request): boolean {
  return isOfOtherSite(request) && request.headers.get("sec-fetch-mode") !== "navigate";
}

function isOfOtherSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}

/** True when a browser says that a page of another origin asks. */
function isForeign(request: Request, host: string): boolean {
  if (isOfOtherSite(request)) return true;
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  const match = /^https?:\/\/(.+)$/.exec(origin);
  return match === null || match[1]!.toLowerCase() !== host.toLowerCase();
}
