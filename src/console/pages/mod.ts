/**
 * The console's pages, rendered here and sent whole: they read well without a
 * script, and with one their numbers are live. Forms go to the pages they stand
 * on; the guard before them refuses those of other sites, and all in read-only mode.
 */
import { Hono } from "hono";
import { html } from "hono/html";
import { RequestError } from "../failure.ts";
import type { ConsoleOptions } from "../options.ts";
import type { Peer } from "../peer.ts";
import type { ConsoleView, MetricFamily } from "../view.ts";
import { assetRoutes } from "./assets.ts";
import { changeSetting } from "./change_setting.ts";
import { clients } from "./clients.ts";
import { askDeleteGroup, deleteGroup } from "./delete_group.ts";
import { askDelete, askTrim, deleteTopic, trim } from "./delete_topic.ts";
import { group, groups } from "./groups.ts";
import { heading, type Page, type PageContext, show, type Site } from "./layout.ts";
import { live } from "./live.ts";
import { messages } from "./messages.ts";
import { createTopic, newTopic } from "./new_topic.ts";
import { overview } from "./overview.ts";
import { addPartitions, partitions } from "./partitions.ts";
import { produceForm, produceRecord } from "./produce.ts";
import { Pulse } from "./pulse.ts";
import { reset, resetPage } from "./reset.ts";
import { storage } from "./storage.ts";
import { brokerSettings, topicSettings } from "./topic_settings.ts";
import { topics } from "./topics.ts";

export interface Pages {
  readonly routes: Hono<{ Bindings: Peer }>;
  /** Stops what reads the metrics every now and then. */
  close(): void;
}

type Answer = (site: Site, context: PageContext) => Promise<Response>;

const GETS: Readonly<Record<string, Answer>> = {
  "/": overview,
  "/live.json": live,
  "/topics": topics,
  "/new-topic": newTopic,
  "/topics/:topic": messages,
  "/topics/:topic/partitions": partitions,
  "/topics/:topic/settings": topicSettings,
  "/topics/:topic/produce": produceForm,
  "/topics/:topic/delete": askDelete,
  "/topics/:topic/trim": askTrim,
  "/groups": groups,
  "/group": group,
  "/group/reset": resetPage,
  "/group/delete": askDeleteGroup,
  "/storage": storage,
  "/clients": clients,
  "/settings": brokerSettings,
};

const POSTS: Readonly<Record<string, Answer>> = {
  "/new-topic": createTopic,
  "/topics/:topic/partitions": addPartitions,
  "/topics/:topic/settings": changeSetting,
  "/topics/:topic/produce": produceRecord,
  "/topics/:topic/delete": deleteTopic,
  "/topics/:topic/trim": trim,
  "/group/reset": reset,
  "/group/delete": deleteGroup,
};

/** The pages over a view of the broker; `families`: all metrics, as `/metrics` tells them. */
export function pages(
  view: ConsoleView,
  options: ConsoleOptions,
  families: () => Promise<readonly MetricFamily[]>,
): Pages {
  const pulse = new Pulse(options.clock, families);
  const site: Site = { view, options, pulse };
  const routes = new Hono<{ Bindings: Peer }>();
  assetRoutes(routes as unknown as Pick<Hono, "get">);
  for (const [path, answer] of Object.entries(GETS)) routes.get(path, (context) => answer(site, context));
  for (const [path, answer] of Object.entries(POSTS)) routes.post(path, (context) => answer(site, context));
  routes.get("*", async (context, next) => {
    if (!context.req.header("accept")?.includes("text/html")) return await next();
    const missing = new RequestError(404, `There is nothing at "${context.req.path}"`);
    return await show(site, context, wrongPage(missing));
  });
  routes.onError(async (error, context) => {
    if (!(error instanceof RequestError)) throw error;
    return await show(site, context, wrongPage(error));
  });
  return { routes, close: () => pulse.close() };
}

/** What went wrong, as a page. */
function wrongPage({ status, message }: RequestError): Page {
  const title = status === 404 ? "Not found" : "That did not work";
  const body = html`
    ${heading(title)}<p class="notice bad"
      role="alert">${message}</p><p><a class="button" href="/">To the overview</a></p>
  `;
  return { title, section: null, body, status: status as NonNullable<Page["status"]> };
}
