/** Writes one record by hand. */
import { html } from "hono/html";
import type { FaultCode, TopicDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { encodeData } from "../records/values.ts";
import type { RecordToWrite } from "../view.ts";
import { partitionChoice, select } from "./choices.ts";
import { field, FieldError, goTo, integerField, labelled, readForm, type Wrong, wrongOf } from "./form.ts";
import { type Html, mayChange, type PageContext, readOnly, show, type Site } from "./layout.ts";
import { problem } from "./notices.ts";
import { topicFrame } from "./topic.ts";
import { topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";

const TYPES = [["text", "Text"], ["json", "JSON"], ["base64", "Base64"], ["none", "None (null)"]] as const;

/** Which field a refusal of the broker is about. */
const FIELDS: Partial<Record<FaultCode, string>> = {
  MESSAGE_TOO_LARGE: "value",
  RECORD_LIST_TOO_LARGE: "value",
  INVALID_RECORD: "key",
};

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
    const [written] = await site.view.write(topic.name, [recordOf(form, topic.partitions.length)]);
    if (written!.fault !== null) throw failed(written!.fault);
    const { partition, offset } = written!;
    return goTo(
      context,
      `${topicPath(topic.name)}?partition=${partition}&from=offset&at=${offset}`,
      "record-written",
    );
  } catch (error) {
    return await answer(site, context, topic, form, wrongOf(error, FIELDS));
  }
}

function recordOf(form: URLSearchParams, partitions: number): RecordToWrite {
  const bounds = { name: "partition", label: "Partition", least: 0, most: partitions - 1 };
  return {
    partition: field(form, "partition") === "" ? -1 : integerField(form, bounds),
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
  try {
    if (type === "base64") return encodeData("BINARY", text.trim(), label);
    if (type === "json") checkJson(text, label);
    return encodeData("STRING", text, label);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new FieldError(name, error.message);
  }
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
    if (colon < 1) throw new FieldError("headers", `Header "${line}" must be written as name: value`);
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
  wrong: Wrong | null,
): Promise<Response> {
  const inside = mayChange(site) ? formOf(topic, form, wrong) : readOnly();
  const body = topicFrame(site, topic, "Produce", html`${problem(wrong)}${inside}`);
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `${topic.name}: produce`, section: "Topics", body, status });
}

function formOf({ name, partitions }: TopicDescription, form: URLSearchParams, wrong: Wrong | null): Html {
  const given = (name: string) => form.get(name) ?? "";
  const area = (label: string, name: string, rows: number, placeholder: string) =>
    labelled(
      { label, name, wrong },
      (attributes) =>
        html`<textarea name="${name}" rows="${rows}" spellcheck="false" placeholder="${placeholder}" ${attributes}>
${given(name)}</textarea>`,
    );
  return html`<form method="post" action="${topicPath(name, "/produce")}" class="card form">
<div class="line">${
    labelled(
      { label: "Partition", name: "partition", wrong },
      (attributes) => partitionChoice(partitions.length, "By the key", given("partition"), attributes),
    )
  }
<label>Key is ${select("key-type", TYPES, given("key-type") || "text")}</label>
<label>Value is ${select("value-type", TYPES, given("value-type") || "text")}</label></div>
${
    labelled(
      { label: "Key", name: "key", wrong },
      (attributes) =>
        html`<input name="key" value="${given("key")}" autocomplete="off" spellcheck="false" ${attributes}>`,
    )
  }${area("Headers", "headers", 2, "source: web")}${area("Value", "value", 10, '{"order": 123}')}
<p class="words">Written with acks=all. A null value marks the key as deleted where the topic is compacted. No key: any partition.</p>
<button type="submit" class="primary">Produce</button></form>`;
}
