/**
 * What stands before every request: the host header (against DNS rebinding), the
 * origin (against forged requests from other sites), what the mode allows, the
 * body's size, the time it may take, and how many are at work at once, so that
 * HTTP starves neither produce nor fetch. And the headers on every answer.
 * Health is answered to anybody.
 */
import type { MiddlewareHandler } from "hono";
import { failure, RequestError } from "./failure.ts";
import type { ConsoleOptions } from "./options.ts";
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
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
];

/** Requests whose bodies and answers may flow for as long as they like; they are bounded where they are served. */
export type IsStream = (request: Request) => boolean;

/** The guard, for `app.use`. */
export function guard(view: ConsoleView, options: ConsoleOptions, isStream: IsStream): MiddlewareHandler {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  let atWork = 0;
  return async (context, next) => {
    const request = context.req.raw;
    const isHealth = context.req.path.startsWith("/health/");
    const refusal = isHealth ? null : refuse(request, view, options, hosts);
    if (refusal !== null) {
      context.res = failure(refusal);
    } else if (isHealth || isStream(request)) {
      await next();
    } else if (atWork >= options.requestsMax) {
      context.res = failure(tooMany(options.requestsMax));
    } else {
      atWork++;
      const done = next().finally(() => atWork--);
      await withinTime(done, options, () => context.res = failure(tooLong(options.requestMsMax)));
    }
    for (const [name, value] of HEADERS) context.res.headers.set(name, value);
  };
}

function refuse(
  request: Request,
  view: ConsoleView,
  options: ConsoleOptions,
  hosts: ReadonlySet<string>,
): RequestError | null {
  const host = request.headers.get("host") ?? "";
  if (!isOurHost(host, hosts)) {
    const words = `Host "${host}" is not known here: add it to the setting "http.hosts"`;
    return new RequestError(421, words);
  }
  const isSafe = SAFE_METHODS.has(request.method);
  if (!(isSafe && !request.headers.has("upgrade")) && isForeign(request, host)) {
    return new RequestError(40301, "Requests from other sites' pages are refused");
  }
  if (!view.isReady()) {
    return new RequestError(50301, "The broker is starting or stopping", { "retry-after": "1" });
  }
  if (!isSafe && options.mode !== "full") {
    return new RequestError(40302, 'The HTTP door is read-only, the setting "console.mode" says so');
  }
  const bytes = Number(request.headers.get("content-length") ?? 0);
  return bytes <= options.requestBytesMax ? null : tooLarge(options.requestBytesMax);
}

/** 413 for a body past the bound. */
function tooLarge(bytesMax: number): RequestError {
  return new RequestError(41301, `The body must have at most ${bytesMax} bytes (http.request.max.bytes)`);
}

/** An IP address cannot be a name that somebody else's DNS points here; names must be known. */
function isOurHost(host: string, hosts: ReadonlySet<string>): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  const isAddress = /^\[[0-9a-f:.]+\]$/.test(name) || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
  return isAddress || name === "localhost" || name.endsWith(".localhost") || hosts.has(name) ||
    hosts.has("*");
}

/** True when a browser says that a page of another origin asks. */
function isForeign(request: Request, host: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  const match = /^https?:\/\/(.+)$/.exec(origin);
  return match === null || match[1]!.toLowerCase() !== host.toLowerCase();
}

async function withinTime(done: Promise<void>, { clock, requestMsMax }: ConsoleOptions, late: () => void) {
  let callOff = () => {};
  const time = new Promise<true>((resolve) => callOff = clock.after(requestMsMax, () => resolve(true)));
  const isLate = await Promise.race([done, time]);
  callOff();
  if (isLate !== true) return;
  done.catch(() => {});
  late();
}

function tooMany(requestsMax: number): RequestError {
  const words = `${requestsMax} requests are at work (http.requests.max), retry in a moment`;
  return new RequestError(42901, words, { "retry-after": "1" });
}

function tooLong(requestMsMax: number): RequestError {
  const words = `The request took longer than ${requestMsMax} ms (http.request.timeout.ms)`;
  return new RequestError(50301, words, { "retry-after": "1" });
}
