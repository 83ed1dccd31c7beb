/** The partitions of a topic, what compaction did to them, and a form for more of them. */
import { html } from "hono/html";
import type { PartitionDescription, TopicDescription } from "../../model/mod.ts";
import { changed } from "../rest/topics.ts";
import { field, goTo, integerField, readForm, type Wrong, wrongOf } from "./form.ts";
import { type Html, mayChange, type PageContext, show, type Site, table } from "./layout.ts";
import { FIELDS, PARTITIONS_MAX, partitionsField } from "./new_topic.ts";
import { problem } from "./notices.ts";
import { pageOf } from "./paging.ts";
import { topicFrame } from "./topic.ts";
import { recordsIn, topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count } from "./words.ts";

/** The tab of partitions. */
export async function partitions(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  return await partitionsOf(site, context, topic, null);
}

/** The tab, with what was wrong with its form. */
async function partitionsOf(
  site: Site,
  context: PageContext,
  topic: TopicDescription,
  wrong: Wrong | null,
  typed: string | null = null,
): Promise<Response> {
  const least = topic.partitions.length + 1;
  const add = mayChange(site) && !topic.internal
    ? addForm(topic.name, least, typed ?? String(least), wrong)
    : "";
  const { rows, first, foot } = pageOf(context, topic.partitions, "partition");
  const body = topicFrame(
    site,
    topic,
    "Partitions",
    html`
      <div data-first-row="${first}">${table("Partitions", [
        "#Partition",
        "#First offset",
        "#End offset",
        "#Records",
        "#Size",
        "#Segments",
        "#Leader epoch",
        "#Worker",
        "",
      ], rows.map((partition) => rowOf(site, topic, partition)))}</div>
      ${foot}${compaction(topic)}${add}
    `,
  );
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `${topic.name}: partitions`, section: "Topics", body, status });
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

/** What numbers of records mean where compaction takes some. */
function compaction({ name, settings }: TopicDescription): Html | "" {
  const policy = settings.find((setting) => setting.name === "cleanup.policy")?.value ?? "";
  if (!policy.includes("compact")) return "";
  return html`
    <p class="words">The topic is compacted. Records are counted by their offsets: those that compaction took
      still count. <a href="/storage?topic=${encodeURIComponent(name)}">See its segments</a></p>
  `;
}

/** The form for more partitions of a topic, for the tab that lists them. */
function addForm(name: string, least: number, value: string, wrong: Wrong | null): Html {
  return html`<form method="post" action="${
    topicPath(name, "/partitions")
  }" class="card form" id="add"><h2>Add partitions</h2>
<p class="words">Partitions can be added, never taken away. Records with a key may go to another partition from then on.</p>
${problem(wrong)}${partitionsField("Partitions in all", value, least, wrong)}
<button type="submit">Add partitions</button></form>`;
}

/** More partitions for a topic. */
export async function addPartitions(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const { name } = topic;
  const form = await readForm(site, context);
  const least = topic.partitions.length + 1;
  try {
    const bounds = { name: "partitions", label: "Partitions in all", least, most: PARTITIONS_MAX };
    const topics = [{ name, partitions: integerField(form, bounds), assignments: null }];
    changed(await site.view.ask({ kind: "add_partitions", topics, validateOnly: false }));
    return goTo(context, topicPath(name, "/partitions"), "partitions-added");
  } catch (error) {
    const wrong = wrongOf(error, FIELDS);
    return await partitionsOf(site, context, topic, wrong, field(form, "partitions"));
  }
}
