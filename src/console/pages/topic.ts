/** A topic: its sizes and its tabs, around whichever of them is open; and its partitions. */
import { html } from "hono/html";
import type { PartitionDescription, TopicDescription } from "../../model/mod.ts";
import {
  crumbs,
  heading,
  type Html,
  mayChange,
  type PageContext,
  show,
  type Site,
  table,
  tile,
} from "./layout.ts";
import { recordsIn, sizesOf, topicNamed } from "./topic_facts.ts";
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

/** The tab of partitions. */
export async function partitions(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const body = topicFrame(
    site,
    topic,
    "Partitions",
    html`
      ${table("Partitions", [
        "#Partition",
        "#First offset",
        "#End offset",
        "#Records",
        "#Size",
        "#Segments",
        "#Leader epoch",
        "#Worker",
        "",
      ], topic.partitions.map((partition) => rowOf(site, topic, partition)))}
      ${mayChange(site) && !topic.internal ? addForm(topic) : ""}
    `,
  );
  return await show(site, context, { title: `${topic.name}: partitions`, section: "Topics", body });
}

function rowOf(site: Site, topic: TopicDescription, partition: PartitionDescription): Html {
  const { partition: index, fault, logStartOffset, highWatermark, segments, leaderEpoch, worker } = partition;
  const seek = html`<a href="${
    topicPath(topic.name)
  }?partition=${index}" aria-label="Messages of partition ${index}">Messages</a>`;
  if (fault !== null) {
    return html`
      <tr>
        <th scope="row" class="number">${index}</th>
        <td colspan="7"><span class="badge bad">offline</span> ${fault.message}</td>
        <td>${seek}</td>
      </tr>
    `;
  }
  const key = `partition ${index}`;
  const trim = mayChange(site) && !topic.internal && highWatermark > logStartOffset
    ? html`
      · <a href="${topicPath(topic.name, "/trim")}?partition=${index}"
        aria-label="Delete records of partition ${index}">Delete records</a>
    `
    : "";
  return html`
    <tr>
      <th scope="row" class="number">${index}</th>
      <td class="number" data-live="${key} start">${count(logStartOffset)}</td>
      <td class="number" data-live="${key} end">${count(highWatermark)}</td>
      <td class="number" data-live="${key} records">${count(recordsIn(partition))}</td>
      <td class="number" data-live="${key} bytes">${bytes(partition.bytes)}</td>
      <td class="number">${count(segments)}</td>
      <td class="number">${leaderEpoch}</td>
      <td class="number">${worker < 0 ? "–" : worker}</td>
      <td class="links">${seek}${trim}</td>
    </tr>
  `;
}

function addForm({ name, partitions }: TopicDescription): Html {
  return html`<form method="post" action="${
    topicPath(name, "/partitions")
  }" class="card form"><h2>Add partitions</h2>
<p class="words">Partitions can be added, never taken away. Records with a key may go to another partition from then on.</p>
<label>Partitions in all <input type="number" name="partitions" required min="${
    partitions.length + 1
  }" max="100000" value="${partitions.length + 1}"></label>
<button type="submit">Add partitions</button></form>`;
}
