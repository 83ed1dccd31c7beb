/**
 * What every page has around it: head, navigation, a place for notices. No inline
 * script or style, for the content security policy forbids them; the theme that
 * was chosen comes as a cookie, so that the first paint has it.
 */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { html } from "hono/html";
import type { ConsoleOptions } from "../options.ts";
import type { Peer } from "../peer.ts";
import type { ConsoleView } from "../view.ts";
import { assetPath, type Script } from "./assets.ts";
import { notice } from "./notices.ts";
import type { Pulse } from "./pulse.ts";

export type Html = ReturnType<typeof html>;
export type PageContext = Context<{ Bindings: Peer }>;

/** What the pages are made over. */
export interface Site {
  readonly view: ConsoleView;
  readonly options: ConsoleOptions;
  readonly pulse: Pulse;
}

const SECTIONS = [
  ["Overview", "/"],
  ["Topics", "/topics"],
  ["Groups", "/groups"],
  ["Storage", "/storage"],
  ["Clients", "/clients"],
  ["Settings", "/settings"],
] as const;
export type Section = typeof SECTIONS[number][0];

export interface Page {
  readonly title: string;
  readonly section: Section | null;
  readonly body: Html | Html[];
  readonly scripts?: readonly Script[];
  readonly status?: 200 | 400 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503;
}

/** The page as an answer. */
export async function show(site: Site, context: PageContext, page: Page): Promise<Response> {
  const theme = getCookie(context, "weir-theme");
  const chosen = theme === "light" || theme === "dark" ? theme : "auto";
  const text = await html`
    <!doctype html>
    <html lang="en" data-theme="${chosen}">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${page.title} · Weir</title>
    <link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml">
    ${page.scripts?.includes("charts.js") ? sheet("uplot.css") : ""}${sheet("console.css")}
    ${[...page.scripts ?? [], "console.js" as const].map(script)}
      </head>
      <body>
    <a class="skip" href="#content">To the content</a>
    ${header(site, page.section)}
    <p id="connection" class="notice bad" role="status" hidden></p>
    <main id="content" tabindex="-1">
    ${notice(context.req.query("done"))}
    ${page.body}
    </main>
    ${footer(site)}
      </body>
    </html>
  `;
  return context.html(text.toString(), page.status ?? 200, { "cache-control": "no-store" });
}

function sheet(name: "uplot.css" | "console.css"): Html {
  return html`<link rel="stylesheet" href="${assetPath(name)}">`;
}

/** Modules wait for the page; the chart library is a plain script, which `defer` keeps before them. */
function script(name: Script): Html {
  const library = name === "charts.js" ? html`<script defer src="${assetPath("uplot.js")}"></script>` : "";
  return html`
    ${library}<script type="module" src="${assetPath(name)}"></script>
  `;
}

function header({ options }: Site, section: Section | null): Html {
  const links = SECTIONS.map(([name, path]) =>
    name === section
      ? html`<li><a href="${path}" aria-current="page">${name}</a></li>`
      : html`<li><a href="${path}">${name}</a></li>`
  );
  return html`<header class="top">
<a class="brand" href="/">${logo()}<span>Weir</span></a>
${
    options.mode === "read-only"
      ? html`<span class="badge" title="console.mode is read-only">read-only</span>`
      : ""
  }
<nav aria-label="Sections"><ul>${links}</ul></nav>
<button type="button" class="quiet" id="theme" hidden>Theme</button>
</header>`;
}

function logo(): Html {
  return html`
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
      <path d="M3 8c5 0 5 4 10 4s5-4 10-4 4 2 6 2" />
      <path d="M3 16c5 0 5 4 10 4s5-4 10-4 4 2 6 2" />
      <path d="M3 24c5 0 5 4 10 4s5-4 10-4 4 2 6 2" />
    </svg>
  `;
}

function footer({ view }: Site): Html {
  const { version, nodeId, clusterId } = view.identity;
  return html`<footer>
<span>Weir ${version}</span><span>node ${nodeId}</span><span>cluster <code>${clusterId}</code></span>
<a href="/openapi.json">API</a><a href="/metrics">Metrics</a>
</footer>`;
}

/** True when changes are allowed: forms are shown. */
export function mayChange({ options }: Site): boolean {
  return options.mode === "full";
}

/** What stands where a form would. */
export function readOnly(): Html {
  return html`
    <p class="notice">The console is read-only: the setting <code>console.mode</code> says so.</p>
  `;
}

/** The heading of a page with what can be done beside it. */
export function heading(
  title: string | Html,
  actions: Html | Html[] | string = "",
  above: Html | string = "",
): Html {
  return html`
    <div class="heading">
      <div>${above}<h1>${title}</h1></div>
      <div class="actions">${actions}</div>
    </div>
  `;
}

/** Where the page lies: links to what is above it. */
export function crumbs(...links: readonly (readonly [name: string, path: string])[]): Html {
  return html`<nav class="crumbs" aria-label="Path">${
    links.map(([name, path]) => html`<a href="${path}">${name}</a><span aria-hidden="true"> / </span>`)
  }</nav>`;
}

/** What stands where there is nothing yet, and what to do about it. */
export function empty(title: string, words: Html | string): Html {
  return html`
    <div class="empty">
      <p class="strong">${title}</p>
      <p>${words}</p>
    </div>
  `;
}

/** A table in a box that scrolls sideways where the page is narrow; reachable by keyboard. */
export function table(label: string, head: readonly (string | Html)[], rows: readonly Html[]): Html {
  const columns = head.map((cell) =>
    typeof cell === "string" && cell.startsWith("#")
      ? html`<th scope="col" class="number">${cell.slice(1)}</th>`
      : html`<th scope="col">${cell}</th>`
  );
  return html`
    <div class="scroll" role="region" aria-label="${label}" tabindex="0">
      <table>
        <thead>
          <tr>${columns}</tr>
        </thead>
        <tbody>${[...rows]}</tbody>
      </table>
    </div>
  `;
}

/** One number with its name; `live` is the key by which the page's script renews it. */
export function tile(name: string, value: string, live: string, words: string | Html = ""): Html {
  return html`
    <div class="tile">
      <dt>${name}</dt>
      <dd><span class="value" data-live="${live}">${value}</span>
    <span class="words">${words}</span></dd>
    </div>
  `;
}

/** A chart that the script fills, with its name for those who do not see it. */
export function chart(
  name: string,
  title: string,
  unit: "bytes" | "rate" | "count" | "share",
  words = "",
): Html {
  return html`<figure class="card chart"><figcaption><h2>${title}</h2><p class="words">${words}</p></figcaption>
<div class="plot" data-chart="${name}" data-unit="${unit}" role="img" aria-label="${title} over time"></div>
<noscript><p class="words">The chart needs JavaScript.</p></noscript></figure>`;
}
