/** Forms as they are posted: read to a bound, their fields as text. */
import { decode, readBytes } from "../body.ts";
import { RequestError } from "../failure.ts";
import type { PageContext, Site } from "./layout.ts";

const TYPE = "application/x-www-form-urlencoded";

/** The fields of a posted form. Throws {@linkcode RequestError}. */
export async function readForm({ options }: Site, context: PageContext): Promise<URLSearchParams> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith(TYPE)) {
    throw new RequestError(415, `Content type "${type}" is not taken, wanted ${TYPE}`);
  }
  return new URLSearchParams(decode(await readBytes(context.req.raw, options.requestBytesMax)));
}

/** A field without the white space around it; "" when it is not there. */
export function field(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? "").trim();
}

/** A field that must be a whole number in bounds. Throws {@linkcode RequestError} with its label. */
export function integerField(
  form: URLSearchParams,
  { name, label, least, most }: { name: string; label: string; least: number; most: number },
): number {
  const text = field(form, name);
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
  throw new RequestError(400, `${label} must be a whole number from ${least} to ${most}, not "${text}"`);
}

/** To the page that shows what came of it; the word is one of the notices. */
export function goTo(context: PageContext, path: string, done: string): Response {
  return context.redirect(`${path}${path.includes("?") ? "&" : "?"}done=${done}`, 303);
}
