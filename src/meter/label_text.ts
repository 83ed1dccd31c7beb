/**
 * Labels as they stand between a series' name and its value, in both of
 * Prometheus' forms: `{topic="a",partition="0"} `, a space where there are none.
 * Made once for series that stay, and kept: thousands of them are written at
 * each scrape.
 */
import type { Labels } from "./sheet.ts";

const SPECIAL = /[\\"\n]/;

/** The text of labels, with the space in front of the value. */
export function labelText(labels: Labels): string {
  let text = "";
  for (const name in labels) {
    text += (text === "" ? "{" : ",") + name + '="' + escapeLabel(labels[name]!) + '"';
  }
  return text === "" ? " " : `${text}} `;
}

/** A label's value, escaped for both forms. */
export function escapeLabel(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
