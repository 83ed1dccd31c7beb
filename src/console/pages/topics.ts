/** All topics in a table that can be narrowed down. */
import { html } from "hono/html";
import type { TopicDescription } from "../../model/mod.ts";
import { empty, heading, type Html, mayChange, type PageContext, show, type Site, table } from "./layout.ts";
import { allTopics, sizesOf } from "./topic_facts.ts";
import { pageOf } from "./paging.ts";
import { bytes, count } from "./words.ts";

/** Where a topic's pages lie. */
export function topicPath(
  name: string,
  tab: "" | "/partitions" | "/settings" | "/produce" | "/delete" | "/trim" = "",
): string {
  return `/topics/${encodeURIComponent(name)}${tab}`;
}

export async function topics(site: Site, context: PageContext): Promise<Response> {
  await site.pulse.look();
  const wanted = (context.req.query("find") ?? "").trim();
  const all = await allTopics(site.view);
  const found = all.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  const { rows, foot } = pageOf(context, found, "topic");
  const create = mayChange(site) ? html`<a class="button primary" href="/new-topic">Create a topic</a>` : "";
  const body = html`${heading("Topics", create)}
<form class="line" method="get" role="search"><label>Find a topic
<input type="search" name="find" value="${wanted}" placeholder="part of its name" autocomplete="off" spellcheck="false"></label>
<button type="submit">Find</button></form>
${rows.length === 0 ? nothing(wanted) : html`${rowsOf(rows)}${foot}`}`;
  return await show(site, context, { title: "Topics", section: "Topics", body });
}

function nothing(wanted: string): Html {
  return wanted === ""
    ? empty("No topic yet", "Create one here, or let a client do it.")
    : empty(`No topic has "${wanted}" in its name`, html`<a href="/topics">Show all topics</a>`);
}

function rowsOf(topics: readonly TopicDescription[]): Html {
  const rows = topics.map((topic) => {
    const sizes = sizesOf(topic);
    const offline = topic.partitions.filter(({ fault }) => fault !== null).length;
    return html`
      <tr>
        <th scope="row"><a href="${topicPath(topic.name)}" title="${topic.name}">${topic
          .name}</a>${topic.internal
          ? html`
            <span class="badge">internal</span>
          `
          : ""}${offline > 0
          ? html`
            <span class="badge bad">${count(offline)} offline</span>
          `
          : ""}</th>
        <td class="number">${count(topic.partitions.length)}</td>
        <td class="number">${count(sizes.records)}</td>
        <td class="number">${bytes(sizes.bytes)}</td>
        <td>${policyOf(topic)}</td>
      </tr>
    `;
  });
  return table("Topics", ["Topic", "#Partitions", "#Records", "#Size", "Cleanup"], rows);
}

function policyOf({ settings }: TopicDescription): string {
  return settings.find(({ name }) => name === "cleanup.policy")?.value ?? "";
}
