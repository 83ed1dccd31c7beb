/** Makes topics, gives them partitions, deletes their records, deletes them. What cannot be undone is asked for first. */
import { html } from "hono/html";
import { failed, RequestError } from "../failure.ts";
import { changed } from "../rest/topics.ts";
import { field, goTo, integerField, readForm } from "./form.ts";
import { crumbs, heading, type Html, mayChange, type PageContext, show, type Site } from "./layout.ts";
import { select } from "./messages.ts";
import { problem } from "./notices.ts";
import { sizesOf, topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { bytes, count, counted } from "./words.ts";

const PARTITIONS_MAX = 100_000;

/** The form for a new topic. */
export async function newTopic(site: Site, context: PageContext): Promise<Response> {
  return await newTopicPage(site, context, new URLSearchParams(), null);
}

/** Makes the topic. */
export async function createTopic(site: Site, context: PageContext): Promise<Response> {
  const form = await readForm(site, context);
  const name = field(form, "name");
  try {
    const partitions = integerField(form, {
      name: "partitions",
      label: "Partitions",
      least: 1,
      most: PARTITIONS_MAX,
    });
    const topic = { name, partitions, replicationFactor: -1, assignments: null, settings: settingsOf(form) };
    changed(await site.view.ask({ kind: "create_topics", validateOnly: false, topics: [topic] }));
    return goTo(context, topicPath(name), "topic-created");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return await newTopicPage(site, context, form, error.message);
  }
}

/** What was chosen, and the lines `name=value`. */
function settingsOf(form: URLSearchParams): Record<string, string> {
  const lines = (form.get("settings") ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) =>
    line !== ""
  );
  const pairs = lines.map((line): [string, string] => {
    const equals = line.indexOf("=");
    if (equals < 1) throw new RequestError(400, `Setting "${line}" must be written as name=value`);
    return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
  });
  const policy = field(form, "cleanup.policy");
  if (policy !== "" && policy !== "delete") pairs.unshift(["cleanup.policy", policy]);
  return Object.fromEntries(pairs);
}

const POLICIES = [
  ["delete", "Delete old records"],
  ["compact", "Keep the latest of each key (compact)"],
  ["compact,delete", "Both"],
] as const;

async function newTopicPage(
  site: Site,
  context: PageContext,
  form: URLSearchParams,
  wrong: string | null,
): Promise<Response> {
  const body = html`${heading("Create a topic", "", crumbs(["Topics", "/topics"]))}${problem(wrong)}
${mayChange(site) ? newTopicForm(form) : readOnly()}`;
  const status = wrong === null ? 200 : 400;
  return await show(site, context, { title: "Create a topic", section: "Topics", body, status });
}

function newTopicForm(form: URLSearchParams): Html {
  return html`<form method="post" action="/new-topic" class="card form">
<label>Name <input name="name" required maxlength="249" value="${
    form.get("name") ?? ""
  }" autocomplete="off" spellcheck="false" aria-describedby="name-words"></label>
<p class="words" id="name-words">Letters, digits, dots, underscores and hyphens.</p>
<label>Partitions <input type="number" name="partitions" required min="1" max="${PARTITIONS_MAX}" value="${
    form.get("partitions") ?? "1"
  }"></label>
<label>Cleanup ${select("cleanup.policy", POLICIES, form.get("cleanup.policy") ?? "delete")}</label>
<label>Other settings <textarea name="settings" rows="3" spellcheck="false" placeholder="retention.ms=604800000">${
    form.get("settings") ?? ""
  }</textarea></label>
<p class="words">A line each, name=value. All of them can be changed later.</p>
<button type="submit" class="primary">Create</button></form>`;
}

/** What stands where a form would. */
export function readOnly(): Html {
  return html`<p class="notice">The console is read-only: the setting <code>console.mode</code> says so.</p>`;
}

/** More partitions for a topic. */
export async function addPartitions(site: Site, context: PageContext): Promise<Response> {
  const { name, partitions: present } = await topicNamed(site.view, context.req.param("topic")!);
  const form = await readForm(site, context);
  const bounds = {
    name: "partitions",
    label: "Partitions in all",
    least: present.length + 1,
    most: PARTITIONS_MAX,
  };
  const topics = [{ name, partitions: integerField(form, bounds), assignments: null }];
  changed(await site.view.ask({ kind: "add_partitions", topics, validateOnly: false }));
  return goTo(context, topicPath(name, "/partitions"), "partitions-added");
}

/** Asks before a topic is deleted, for its name. */
export async function askDelete(
  site: Site,
  context: PageContext,
  wrong: string | null = null,
): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const sizes = sizesOf(topic);
  const body = html`${
    heading("Delete the topic", "", crumbs(["Topics", "/topics"], [topic.name, topicPath(topic.name)]))
  }
${problem(wrong)}${
    !mayChange(site) ? readOnly() : html`
      <form method="post" action="${topicPath(topic.name, "/delete")}" class="card form">
        <p>This deletes <strong>${topic.name}</strong> for good: ${counted(
          topic.partitions.length,
          "partition",
        )} with ${counted(sizes.records, "record")} in ${bytes(
          sizes.bytes,
        )}, and what groups have committed of them. There is no way back.</p>
        <label>Type the topic's name <input name="name" required autocomplete="off" spellcheck="false"></label>
        <div
          class="line"><button type="submit" class="danger">Delete the topic</button><a class="button" href="${topicPath(
            topic.name,
          )}">Keep it</a></div>
      </form>
    `
  }`;
  const status = wrong === null ? 200 : 400;
  return await show(site, context, { title: `Delete ${topic.name}`, section: "Topics", body, status });
}

/** Deletes it, if the name was typed. */
export async function deleteTopic(site: Site, context: PageContext): Promise<Response> {
  const { name } = await topicNamed(site.view, context.req.param("topic")!);
  const typed = field(await readForm(site, context), "name");
  if (typed !== name) {
    return await askDelete(site, context, `"${typed}" is not the topic's name, nothing was deleted`);
  }
  changed(await site.view.ask({ kind: "delete_topics", topics: [name] }));
  return goTo(context, "/topics", "topic-deleted");
}

/** Asks up to where a partition's records are to be deleted. */
export async function askTrim(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const partition = topic.partitions[Number(context.req.query("partition") ?? "0")];
  if (partition === undefined) throw new RequestError(40403, `Topic "${topic.name}" has no such partition`);
  const { logStartOffset: first, highWatermark: end } = partition;
  const body = html`${
    heading("Delete records", "", crumbs(["Topics", "/topics"], [topic.name, topicPath(topic.name)]))
  }${
    !mayChange(site) ? readOnly() : html`
      <form method="post" action="${topicPath(topic.name, "/trim")}" class="card form">
        <p>This deletes the oldest records of partition ${partition.partition} of <strong>${topic
          .name}</strong> for good. It holds offsets ${count(first)} to ${count(
            Math.max(first, end - 1),
          )}, ${counted(end - first, "record")}.</p>
        <input type="hidden" name="partition" value="${partition.partition}">
        <label>Delete all before offset <input type="number" name="before" required min="${first +
          1}" max="${end}"></label>
        <p class="words">The record at this offset stays. ${count(end)} deletes all there are.</p>
        <div
          class="line"><button type="submit" class="danger">Delete records</button><a class="button" href="${topicPath(
            topic.name,
            "/partitions",
          )}">Keep them</a></div>
      </form>
    `
  }`;
  return await show(site, context, { title: `Delete records of ${topic.name}`, section: "Topics", body });
}

/** Deletes them. */
export async function trim(site: Site, context: PageContext): Promise<Response> {
  const topic = context.req.param("topic")!;
  const form = await readForm(site, context);
  const partition = integerField(form, {
    name: "partition",
    label: "Partition",
    least: 0,
    most: PARTITIONS_MAX,
  });
  const before = { name: "before", label: "The offset", least: 0, most: Number.MAX_SAFE_INTEGER };
  const entries = [{ topic, partition, beforeOffset: integerField(form, before) }];
  const reply = await site.view.ask({ kind: "trim", entries });
  if (reply.kind === "failed") throw failed(reply.fault);
  const fault = reply.kind === "trimmed" ? reply.entries[0]?.fault ?? null : null;
  if (fault !== null) throw failed(fault);
  return goTo(context, topicPath(topic, "/partitions"), "records-deleted");
}
