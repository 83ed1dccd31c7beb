/** What was done, told once on the page that comes after it. The address carries a word of this table, never the text itself. */
import { html } from "hono/html";
import type { Wrong } from "./form.ts";
import type { Html } from "./layout.ts";

const NOTICES = {
  "topic-created": "The topic was created.",
  "topic-deleted": "The topic and its records are gone.",
  "partitions-added": "The partitions were added.",
  "setting-changed": "The setting was changed.",
  "setting-reset": "The setting is back at its default.",
  "record-written": "The record was written and flushed to disk.",
  "records-deleted": "The records were deleted.",
  "group-reset": "The group's offsets were reset.",
  "group-deleted": "The group and its offsets are gone.",
} as const;
export type Done = keyof typeof NOTICES;

/** The notice a page was asked to show, if any. */
export function notice(done: string | undefined): Html | "" {
  if (done === undefined || !Object.hasOwn(NOTICES, done)) return "";
  return html`<p class="notice good" role="status">${NOTICES[done as Done]}</p>`;
}

/** What went wrong with a form, above it, unless it stands beside a field. */
export function problem(wrong: Wrong | null): Html | "" {
  if (wrong === null || wrong.field !== null) return "";
  return html`<p class="notice bad" role="alert">${wrong.message}</p>`;
}
