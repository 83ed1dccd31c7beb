/** The console's pages, rendered here. */
import { Hono } from "hono";
import { html } from "hono/html";
import type { ConsoleOptions } from "../options.ts";
import type { ConsoleView } from "../view.ts";

export function pages(view: ConsoleView, options: ConsoleOptions): Hono {
  const routes = new Hono();
  routes.get("/", (context) => {
    const topics = [...view.image().topics.values()];
    return context.html(html`
      <!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8">
          <title>Weir</title>
        </head>
        <body>
          <h1>Weir ${view.identity.version}</h1>
          <p>Node ${view.identity.nodeId} of cluster ${view.identity.clusterId}, ${options.mode}</p>
          <ul>${topics.map(({ name, partitions }) => html`<li>${name}: ${partitions.length}</li>`)}</ul>
        </body>
      </html>
    `);
  });
  return routes;
}
