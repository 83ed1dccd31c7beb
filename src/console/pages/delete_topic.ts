/** Deletes a topic's oldest records, or the topic. Both are asked for first, for there is no way back. */
import { html } from "hono/html";
import type { PartitionDescription, TopicDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { changed } from "../rest/topics.ts";
import { field, FieldError, goTo, integerField, labelled, readForm, type Wrong, wrongOf } from "./form.ts";
import {
  crumbs,
  heading,
  type Html,
  mayChange,
  type PageContext,
  readOnly,
  show,
  type Site,
} from "./layout.ts";
import { problem } from "./notices.ts";
import { sizesOf, topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count, counted } from "./words.ts";

/** Asks before a topic is deleted, for its name. */
export async function askDelete(
  site: Site,
  context: PageContext,
  wrong: Wrong | null = null,
  typed = "",
): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const body = html`${
    heading("Delete the topic", "", crumbs(["Topics", "/topics"], [topic.name, topicPath(topic.name)]))
  }
${problem(wrong)}${mayChange(site) ? deleteForm(topic, wrong, typed) : readOnly()}`;
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `Delete ${topic.name}`, section: "Topics", body, status });
}

function deleteForm(topic: TopicDescription, wrong: Wrong | null, typed: string): Html {
  const { name, partitions } = topic;
  const sizes = sizesOf(topic);
  const input = labelled(
    { label: "Type the topic's name", name: "name", wrong },
    (attributes) =>
      html`<input name="name" required value="${typed}" autocomplete="off" spellcheck="false" ${attributes}>`,
  );
  return html`
    <form method="post" action="${topicPath(name, "/delete")}" class="card form">
      <p>This deletes <strong>${name}</strong> for good: ${counted(
        partitions.length,
        "partition",
      )} with ${counted(sizes.records, "record")} in ${bytes(
        sizes.bytes,
      )}, and what groups have committed of them. There is no way back.</p>
      ${input}
      <div
        class="line"><button type="submit" class="danger">Delete the topic</button><a class="button" href="${topicPath(
          name,
        )}">Keep it</a></div>
    </form>
  `;
}

/** Deletes it, if the name was typed. */
export async function deleteTopic(site: Site, context: PageContext): Promise<Response> {
  const { name } = await topicNamed(site.view, context.req.param("topic")!);
  const typed = field(await readForm(site, context), "name");
  try {
    if (typed !== name) {
      throw new FieldError("name", `"${typed}" is not the topic's name, nothing was deleted`);
    }
    changed(await site.view.ask({ kind: "delete_topics", topics: [name] }));
    return goTo(context, "/topics", "topic-deleted");
  } catch (error) {
    return await askDelete(site, context, wrongOf(error), typed);
  }
}

/** Asks up to where a partition's records are to be deleted. */
export async function askTrim(
  site: Site,
  context: PageContext,
  wrong: Wrong | null = null,
  typed = "",
): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const partition = partitionIn(topic, context.req.query("partition") ?? "0");
  const body = html`${
    heading("Delete records", "", crumbs(["Topics", "/topics"], [topic.name, topicPath(topic.name)]))
  }${problem(wrong)}${mayChange(site) ? trimForm(topic, partition, wrong, typed) : readOnly()}`;
  const status = wrong?.status ?? 200;
  return await show(site, context, {
    title: `Delete records of ${topic.name}`,
    section: "Topics",
    body,
    status,
  });
}

function partitionIn({ name, partitions }: TopicDescription, text: string): PartitionDescription {
  const partition = /^\d{1,6}$/.test(text) ? partitions[Number(text)] : undefined;
  if (partition !== undefined) return partition;
  throw new RequestError(40403, `Topic "${name}" has no partition "${text}"`);
}

function trimForm(
  { name }: TopicDescription,
  { partition, logStartOffset: first, highWatermark: end }: PartitionDescription,
  wrong: Wrong | null,
  typed: string,
): Html {
  const path = `${topicPath(name, "/trim")}?partition=${partition}`;
  if (end <= first) {
    return html`<p class="notice">Partition ${partition} of <strong>${name}</strong> holds no record.</p>`;
  }
  const hint = `The record at this offset stays. ${count(end)} deletes all there are.`;
  const input = labelled(
    { label: "Delete all before offset", name: "before", wrong, hint },
    (attributes) =>
      html`
        <input type="number" name="before" required min="${first + 1}" max="${end}" value="${typed}"
          ${attributes}>
      `,
  );
  return html`
    <form method="post" action="${path}" class="card form">
      <p>This deletes the oldest records of partition ${partition} of <strong>${name}</strong> for good. It
        holds offsets ${count(first)} to ${count(end - 1)}, ${counted(end - first, "record")}.</p>
      ${input}
      <div
        class="line"><button type="submit" class="danger">Delete records</button><a class="button" href="${topicPath(
          name,
          "/partitions",
        )}">Keep them</a></div>
    </form>
  `;
}

/** Deletes them. */
export async function trim(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const form = await readForm(site, context);
  const { partition, highWatermark } = partitionIn(topic, context.req.query("partition") ?? "0");
  try {
    const bounds = { name: "before", label: "The offset", least: 0, most: highWatermark };
    const entries = [{ topic: topic.name, partition, beforeOffset: integerField(form, bounds) }];
    const reply = await site.view.ask({ kind: "trim", entries });
    if (reply.kind === "failed") throw failed(reply.fault);
    const fault = reply.kind === "trimmed" ? reply.entries[0]?.fault ?? null : null;
    if (fault !== null) throw failed(fault);
    return goTo(context, topicPath(topic.name, "/partitions"), "records-deleted");
  } catch (error) {
    const wrong = wrongOf(error, { OFFSET_OUT_OF_RANGE: "before" });
    return await askTrim(site, context, wrong, field(form, "before"));
  }
}
