/** A topic: its sizes and its tabs, around whichever of them is open. */
import { html } from "hono/html";
import type { TopicDescription } from "../../model/mod.ts";
import { crumbs, heading, type Html, mayChange, type Site, tile } from "./layout.ts";
import { sizesOf } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count, rate } from "./words.ts";

const TABS = [["Messages", ""], ["Partitions", "/partitions"], ["Settings", "/settings"], [
  "Produce",
  "/produce",
]] as const;
type Tab = typeof TABS[number][0];

/** The page around a tab. */
export function topicFrame(site: Site, topic: TopicDescription, tab: Tab, body: Html): Html {
  const sizes = sizesOf(topic);
  const tabs = TABS.filter(([name]) => name !== "Produce" || mayChange(site)).map(([name, path]) =>
    html`<li><a href="${topicPath(topic.name, path)}" ${
      name === tab ? html`aria-current="page"` : ""
    }>${name}</a></li>`
  );
  const remove = mayChange(site) && !topic.internal
    ? html`<a class="button danger" href="${topicPath(topic.name, "/delete")}">Delete</a>`
    : "";
  return html`<div data-topic-page="${topic.name}">${
    heading(topic.name, remove, crumbs(["Topics", "/topics"]))
  }
<dl class="tiles small">
${tile("Records", count(sizes.records), "size records")}
${tile("Size", bytes(sizes.bytes), "size bytes")}
${tile("Partitions", count(topic.partitions.length), "")}
${tile("Records in", rate(site.pulse.value(`topic ${topic.name}`)), `topic ${topic.name}`)}
</dl>
<nav class="tabs" aria-label="Of the topic"><ul>${tabs}</ul></nav>
${body}</div>`;
}
