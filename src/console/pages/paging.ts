/** Long tables a page at a time; the page's number is in the address beside whatever else is there. */
import { html } from "hono/html";
import type { Html, PageContext } from "./layout.ts";
import { count, counted } from "./words.ts";

/** Rows of a table on one page. */
const ROWS = 100;

export interface PageOfRows<Row> {
  readonly rows: readonly Row[];
  /** The place of the first of them among all. */
  readonly first: number;
  /** How many there are, which are shown, and links to the others. */
  readonly foot: Html;
}

/** The rows that `page` of the address wants, from 1; past the end, the last. */
export function pageOf<Row>(
  context: PageContext,
  all: readonly Row[],
  noun: string,
  plural?: string,
): PageOfRows<Row> {
  const pages = Math.max(1, Math.ceil(all.length / ROWS));
  const wanted = Math.floor(Number(context.req.query("page") ?? "1")) || 1;
  const page = Math.min(pages, Math.max(1, wanted));
  const first = (page - 1) * ROWS;
  const rows = rowsFrom(all, first);
  const words = counted(all.length, noun, plural);
  const shown = pages === 1 ? words : `${count(first + 1)} to ${count(first + rows.length)} of ${words}`;
  const foot = html`
    <div class="foot">
      <p class="words">${shown}</p>
      ${pages === 1 ? "" : links(context, page, pages)}
    </div>
  `;
  return { rows, first, foot };
}

/** A page's rows from a place on; none from what is no number. */
export function rowsFrom<Row>(all: readonly Row[], first: number): readonly Row[] {
  return first >= 0 ? all.slice(first, first + ROWS) : [];
}

function links(context: PageContext, page: number, pages: number): Html {
  const link = (words: string, to: number, rel: string) =>
    to < 1 || to > pages || to === page
      ? ""
      : html`<a class="button" rel="${rel}" href="${addressOf(context, to)}">${words}</a>`;
  return html`
    <nav class="line"
      aria-label="Pages">${link("First", page > 2 ? 1 : 0, "first")}${link(
        "Before",
        page - 1,
        "prev",
      )}<span class="words">Page ${count(page)} of ${count(pages)}</span>${link(
        "Next",
        page + 1,
        "next",
      )}${link("Last", page < pages - 1 ? pages : 0, "last")}</nav>
  `;
}

function addressOf(context: PageContext, page: number): string {
  const url = new URL(context.req.url);
  url.searchParams.set("page", String(page));
  url.searchParams.delete("done");
  return `${url.pathname}${url.search}`;
}
