/**
 * Files the pages load, all of them from here: no other host is ever asked. They
 * are part of the program, so that one compiled file has them too; an address
 * carries a mark of the content and may be kept for ever.
 */
import type { Hono } from "hono";
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import charts from "../static/charts.js" with { type: "text" };
import style from "../static/console.css" with { type: "text" };
import script from "../static/console.js" with { type: "text" };
import icon from "../static/icon.svg" with { type: "text" };
import tail from "../static/tail.js" with { type: "text" };

const ASSETS = {
  "console.css": style,
  "console.js": script,
  "charts.js": charts,
  "tail.js": tail,
  "uplot.js": uplot,
  "uplot.css": uplotStyle,
  "icon.svg": icon,
} as const;
type Name = keyof typeof ASSETS;
/** Scripts a page may ask for besides the one all have. */
export type Script = "console.js" | "charts.js" | "tail.js";

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const paths = new Map<Name, string>();

/** Where a file lies. */
export function assetPath(name: Name): string {
  let path = paths.get(name);
  if (path === undefined) paths.set(name, path = `/static/${mark(ASSETS[name])}/${name}`);
  return path;
}

/** Thirty-two bits of FNV-1a: another content has another address. */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

export function assetRoutes(routes: Pick<Hono, "get">): void {
  routes.get("/static/:mark/:name", (context) => {
    const name = context.req.param("name");
    if (!Object.hasOwn(ASSETS, name)) return context.notFound();
    const text = ASSETS[name as Name];
    const isCurrent = context.req.param("mark") === mark(text);
    return context.body(text, 200, {
      "content-type": TYPES[name.slice(name.lastIndexOf(".") + 1)]!,
      "cache-control": isCurrent ? "public, max-age=31536000, immutable" : "no-store",
    });
  });
}
