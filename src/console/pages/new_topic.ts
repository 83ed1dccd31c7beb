/** Makes topics. A form that cannot be taken comes back as it was, with why beside the field. */
import { html } from "hono/html";
import type { FaultCode } from "../../model/mod.ts";
import { changed } from "../rest/topics.ts";
import { select } from "./choices.ts";
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
import { topicPath } from "./topics.ts";

export const PARTITIONS_MAX = 100_000;

/** Which field a refusal of the broker is about. */
export const FIELDS: Partial<Record<FaultCode, string>> = {
  INVALID_TOPIC_EXCEPTION: "name",
  TOPIC_ALREADY_EXISTS: "name",
  INVALID_PARTITIONS: "partitions",
  INVALID_CONFIG: "settings",
};

/** The form for a new topic. */
export async function newTopic(site: Site, context: PageContext): Promise<Response> {
  return await newTopicPage(site, context, new URLSearchParams(), null);
}

/** Makes the topic. */
export async function createTopic(site: Site, context: PageContext): Promise<Response> {
  const form = await readForm(site, context);
  const name = field(form, "name");
  const bounds = { name: "partitions", label: "Partitions", least: 1, most: PARTITIONS_MAX };
  try {
    const partitions = integerField(form, bounds);
    const topic = { name, partitions, replicationFactor: -1, assignments: null, settings: settingsOf(form) };
    changed(await site.view.ask({ kind: "create_topics", validateOnly: false, topics: [topic] }));
    return goTo(context, topicPath(name), "topic-created");
  } catch (error) {
    return await newTopicPage(site, context, form, wrongOf(error, FIELDS));
  }
}

/** What was chosen, and the lines `name=value`. */
function settingsOf(form: URLSearchParams): Record<string, string> {
  const lines = (form.get("settings") ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) =>
    line !== ""
  );
  const pairs = lines.map((line): [string, string] => {
    const equals = line.indexOf("=");
    if (equals < 1) throw new FieldError("settings", `Setting "${line}" must be written as name=value`);
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
  wrong: Wrong | null,
): Promise<Response> {
  const body = html`${heading("Create a topic", "", crumbs(["Topics", "/topics"]))}${problem(wrong)}
${mayChange(site) ? newTopicForm(form, wrong) : readOnly()}`;
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: "Create a topic", section: "Topics", body, status });
}

function newTopicForm(form: URLSearchParams, wrong: Wrong | null): Html {
  const given = (name: string, other = "") => form.get(name) ?? other;
  const name = {
    label: "Name",
    name: "name",
    wrong,
    hint: "Letters, digits, dots, underscores and hyphens.",
  };
  const settings = {
    label: "Other settings",
    name: "settings",
    wrong,
    hint: "A line each, name=value. All of them can be changed later.",
  };
  return html`<form method="post" action="/new-topic" class="card form">
${
    labelled(name, (attributes) =>
      html`
        <input name="name" required maxlength="249" value="${given(
          "name",
        )}" autocomplete="off" spellcheck="false"
          ${attributes}>
      `)
  }${partitionsField("Partitions", given("partitions", "1"), 1, wrong)}
<label>Cleanup ${select("cleanup.policy", POLICIES, given("cleanup.policy", "delete"))}</label>
${
    labelled(settings, (attributes) =>
      html`
        <textarea name="settings" rows="3" spellcheck="false" placeholder="retention.ms=604800000"
          ${attributes}>${given("settings")}</textarea>
      `)
  }
<button type="submit" class="primary">Create</button></form>`;
}

/** How many partitions there are to be. */
export function partitionsField(label: string, value: string, least: number, wrong: Wrong | null): Html {
  return labelled({ label, name: "partitions", wrong }, (attributes) =>
    html`
      <input type="number" name="partitions" required min="${least}" max="${PARTITIONS_MAX}" value="${value}"
        ${attributes}>
    `);
}
