/**
 * Forms as they are posted: read to a bound, their fields as text; and what was
 * wrong with one, to be shown beside the field with what was typed still in it.
 */
import { html } from "hono/html";
import type { FaultCode } from "../../model/mod.ts";
import { decode, readBytes } from "../body.ts";
import { RequestError } from "../failure.ts";
import { timeOf } from "../records/positions.ts";
import type { Html, Page, PageContext, Site } from "./layout.ts";

const TYPE = "application/x-www-form-urlencoded";

/** A field holds what cannot be taken. */
export class FieldError extends RequestError {
  readonly field: string;

  constructor(field: string, message: string) {
    super(400, message);
    this.field = field;
  }
}

/** What was wrong with a form. */
export interface Wrong {
  /** Its field; `null`: no single one. */
  readonly field: string | null;
  readonly message: string;
  readonly status: NonNullable<Page["status"]>;
}

/** What a form is shown again with; `fields`: which the broker's faults are about. What is no refusal is thrown on. */
export function wrongOf(error: unknown, fields: Partial<Record<FaultCode, string>> = {}): Wrong {
  if (!(error instanceof RequestError)) throw error;
  const ofFault = error.fault === null ? null : fields[error.fault] ?? null;
  const field = error instanceof FieldError ? error.field : ofFault;
  return { field, message: error.message, status: error.status as Wrong["status"] };
}

/** A field with its label, a hint, and what is wrong with it; `control` is given the attributes that say so. */
export function labelled(
  { label, name, wrong, hint = "" }: {
    readonly label: string;
    readonly name: string;
    readonly wrong: Wrong | null;
    readonly hint?: Html | string;
  },
  control: (attributes: Html | string) => Html,
): Html {
  const isWrong = wrong?.field === name;
  const told = [...(isWrong ? [`${name}-wrong`] : []), ...(hint === "" ? [] : [`${name}-hint`])].join(" ");
  const invalid = isWrong ? html`aria-invalid="true" autofocus` : "";
  const describedBy = told === "" ? "" : html`aria-describedby="${told}"`;
  const attributes = html`id="field-${name}" ${describedBy} ${invalid}`;
  return html`
    <div class="field">
      <label for="field-${name}">${label}</label>${control(attributes)}
      ${isWrong ? html`<p class="wrong" id="${name}-wrong" role="alert">${wrong.message}</p>` : ""}
      ${hint === "" ? "" : html`<p class="words" id="${name}-hint">${hint}</p>`}
    </div>
  `;
}

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

/** A field that must be a whole number in bounds. Throws {@linkcode FieldError} with its label. */
export function integerField(
  form: URLSearchParams,
  { name, label, least, most }: { name: string; label: string; least: number; most: number },
): number {
  const text = field(form, name);
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
  throw new FieldError(name, `${label} must be a whole number from ${least} to ${most}, not "${text}"`);
}

/**
 * The time a field holds, in milliseconds since 1970; without a zone it is UTC, as all times the pages show.
 * Throws {@linkcode FieldError}.
 */
export function timeIn(name: string, text: string): number {
  const hasZone = !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/i.test(text);
  try {
    return timeOf(hasZone ? text : `${text}Z`);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new FieldError(name, error.message);
  }
}

/** To the page that shows what came of it; the word is one of the notices. */
export function goTo(context: PageContext, path: string, done: string): Response {
  return context.redirect(`${path}${path.includes("?") ? "&" : "?"}done=${done}`, 303);
}
