/**
 * Bodies of requests: read to a bound, and parsed. Numbers that JavaScript would
 * round keep their digits, for what is written as JSON must come out the same.
 */
import { RequestError } from "./failure.ts";
import { isDeeperThan, JSON_DEPTH_MAX } from "./json_depth.ts";

/** The body as JSON. Throws {@linkcode RequestError}. */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  checkType(request);
  const text = decode(await readBytes(request, bytesMax));
  if (text === "") throw emptyBody();
  if (isDeeperThan(JSON_DEPTH_MAX, text)) throw tooDeep();
  return parseJson(text);
}

/** 400 for JSON that lies too deep in itself. */
export function tooDeep(): RequestError {
  return new RequestError(400, `JSON must lie at most ${JSON_DEPTH_MAX} deep in itself`);
}

/** 422 for a body without a byte. */
export function emptyBody(): RequestError {
  return new RequestError(42206, "The body is empty, wanted JSON");
}

/** 415 for a body that says it is something else. */
export function checkType(request: Request): void {
  const type = request.headers.get("content-type");
  if (type === null || /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) return;
  throw new RequestError(415, `Content type "${type}" is not taken, wanted application/json`);
}

/** The body, up to a bound. Throws {@linkcode RequestError}. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  // One that says so is refused before any of it has come.
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of partsOf(request)) {
    bytes += part.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    parts.push(part);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The body as it arrives. Throws {@linkcode RequestError} where the peer breaks it off. */
export async function* partsOf({ body }: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of body ?? []) yield part;
  } catch {
    throw new RequestError(400, "The body was broken off");
  }
}

/** UTF-8 as text. Throws {@linkcode RequestError}. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new RequestError(400, "The body is not UTF-8");
  }
}

/** Parses JSON; integers past 2^53 and the like stay as they are written. Throws {@linkcode RequestError}. */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}|\d[eE]/.test(text) ? JSON.parse(text, keepDigits as never) : JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, `The body is not JSON: ${(error as Error).message}`);
  }
}

/** TypeScript's library does not know these yet. Source: the proposal "JSON.parse source text access". */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || source === undefined) return value;
  const isExact = Number.isSafeInteger(value) || (Number.isFinite(value) && source.length < 16);
  return isExact ? value : rawJSON(source);
}

/** 413 for a body past the bound. */
export function tooLarge(bytesMax: number): RequestError {
  return new RequestError(413, `The body must have at most ${bytesMax} bytes (http.request.max.bytes)`);
}
