/** Fields to choose one of several with; where there are too many for a menu, one types. */
import { html } from "hono/html";
import type { Html } from "./layout.ts";

/** A menu of more than that is no help, and heavy. */
const MENU_MAX = 100;

/** A choice of one. */
export function select(
  name: string,
  options: readonly (readonly string[])[],
  chosen: string,
  attributes: Html | string = "",
): Html {
  return html`<select name="${name}" ${attributes}>${
    options.map(([value, words]) =>
      value === chosen
        ? html`<option value="${value}" selected>${words}</option>`
        : html`<option value="${value}">${words}</option>`
    )
  }</select>`;
}

/** One of so many partitions, or none of them: `none` says what that means. */
export function partitionChoice(
  count: number,
  none: string,
  chosen: string,
  attributes: Html | string = "",
): Html {
  if (count > MENU_MAX) {
    return html`
      <input name="partition" value="${chosen}" inputmode="numeric" placeholder="${none}, or 0 to ${String(
        count - 1,
      )}"
        autocomplete="off" ${attributes}>
    `;
  }
  const options = Array.from({ length: count }, (_, index) => [String(index), String(index)]);
  return select("partition", [["", none], ...options], chosen, attributes);
}

/** One of the topics given, each with its words, or none of them. */
export function topicChoice(
  options: readonly (readonly string[])[],
  none: string,
  chosen: string,
  attributes: Html | string = "",
): Html {
  if (options.length <= MENU_MAX) {
    return select("topic", none === "" ? options : [["", none], ...options], chosen, attributes);
  }
  return html`
    <input name="topic" value="${chosen}" placeholder="${none === "" ? "its name" : `${none}, or its name`}"
      autocomplete="off" spellcheck="false" ${attributes}>
  `;
}
