/** Writes one record by hand. */
import { html } from "hono/html";
import type { TopicDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { encodeData } from "../records/values.ts";
import type { RecordToWrite } from "../view.ts";
import { field, goTo, readForm } from "./form.ts";
import { type Html, type PageContext, show, type Site } from "./layout.ts";
import { select } from "./messages.ts";
import { problem } from "./notices.ts";
import { topicFrame } from "./topic.ts";
import { topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";

const TYPES = [["text", "Text"], ["json", "JSON"], ["base64", "Base64"], ["none", "None (null)"]] as const;

/** The form. */
export async function produceForm(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  return await answer(site, context, topic, new URLSearchParams(), null);
}

/** What was posted: written, or shown again with what is wrong. */
export async function produceRecord(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const form = await readForm(site, context);
  try {
    const [written] = await site.view.write(topic.name, [recordOf(form)]);
    if (written!.fault !== null) throw failed(written!.fault);
    const { partition, offset } = written!;
    return goTo(
      context,
      `${topicPath(topic.name)}?partition=${partition}&from=offset&at=${offset}`,
      "record-written",
    );
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return await answer(site, context, topic, form, error.message);
  }
}

function recordOf(form: URLSearchParams): RecordToWrite {
  const partition = field(form, "partition");
  return {
    partition: /^\d+$/.test(partition) ? Number(partition) : -1,
    timestamp: -1,
    key: dataOf(form, "key", "The key"),
    value: dataOf(form, "value", "The value"),
    headers: headersOf(form.get("headers") ?? ""),
  };
}

function dataOf(form: URLSearchParams, name: string, label: string): Uint8Array | null {
  // A form's lines end in CR LF; whoever typed them meant LF.
  const text = (form.get(name) ?? "").replaceAll("\r\n", "\n");
  const type = form.get(`${name}-type`) ?? "text";
  if (type === "none" || (name === "key" && text === "")) return null;
  if (type === "base64") return encodeData("BINARY", text.trim(), label);
  if (type === "json") checkJson(text, label);
  return encodeData("STRING", text, label);
}

/** The text is written as it stands. */
function checkJson(text: string, label: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, `${label} is not JSON: ${(error as Error).message}`);
  }
}

/** A line each: `name: value`. */
function headersOf(text: string): RecordToWrite["headers"] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new RequestError(400, `Header "${line}" must be written as name: value`);
    return {
      key: line.slice(0, colon).trim(),
      value: encodeData("STRING", line.slice(colon + 1).trim(), "A header"),
    };
  });
}

async function answer(
  site: Site,
  context: PageContext,
  topic: TopicDescription,
  form: URLSearchParams,
  wrong: string | null,
): Promise<Response> {
  const body = topicFrame(site, topic, "Produce", html`${problem(wrong)}${formOf(topic, form)}`);
  const status = wrong === null ? 200 : 400;
  return await show(site, context, { title: `${topic.name}: produce`, section: "Topics", body, status });
}

function formOf({ name, partitions }: TopicDescription, form: URLSearchParams): Html {
  const choices = [
    ["", "By the key"],
    ...partitions.map(({ partition }) => [String(partition), String(partition)]),
  ];
  const given = (name: string) => form.get(name) ?? "";
  return html`<form method="post" action="${topicPath(name, "/produce")}" class="card form">
<div class="line"><label>Partition ${select("partition", choices, given("partition"))}</label>
<label>Key is ${select("key-type", TYPES, given("key-type") || "text")}</label>
<label>Value is ${select("value-type", TYPES, given("value-type") || "text")}</label></div>
<label>Key <input name="key" value="${given("key")}" autocomplete="off" spellcheck="false"></label>
<label>Headers <textarea name="headers" rows="2" spellcheck="false" placeholder="source: web">${
    given("headers")
  }</textarea></label>
<label>Value <textarea name="value" rows="10" spellcheck="false" placeholder='{"order": 123}'>${
    given("value")
  }</textarea></label>
<p class="words">Written with acks=all. A null value marks the key as deleted where the topic is compacted. No key: any partition.</p>
<button type="submit" class="primary">Produce</button></form>`;
}
