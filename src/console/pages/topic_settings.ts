/** A topic's settings: in force, by default, and what they do; and the broker's own, which are only shown. */
import { html } from "hono/html";
import type { SettingDescription, TopicDescription } from "../../model/mod.ts";
import type { Wrong } from "./form.ts";
import { heading, type Html, mayChange, type PageContext, show, type Site } from "./layout.ts";
import { problem } from "./notices.ts";
import { topicFrame } from "./topic.ts";
import { topicNamed } from "./topic_facts.ts";
import { topicPath } from "./topics.ts";
import { count, meaningOf } from "./words.ts";

/** The tab. */
export async function topicSettings(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  return await settingsPage(site, context, topic, null, null);
}

/** The tab with what was wrong with the change of a setting, whose name is the field's, and what was typed. */
export async function settingsPage(
  site: Site,
  context: PageContext,
  topic: TopicDescription,
  wrong: Wrong | null,
  typed: string | null,
): Promise<Response> {
  const isOpen = mayChange(site) && !topic.internal;
  const rows = [...topic.settings].sort((a, b) => Number(b.source === "topic") - Number(a.source === "topic"))
    .map((setting) => {
      const ofIt = wrong?.field === setting.name ? { message: wrong.message, typed } : null;
      return rowOf(setting, isOpen ? changeForm(setting, topicPath(topic.name, "/settings"), ofIt) : "");
    });
  const body = topicFrame(site, topic, "Settings", html`${problem(wrong)}<ul class="settings">${rows}</ul>`);
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `${topic.name}: settings`, section: "Topics", body, status });
}

/** The broker's settings. */
export async function brokerSettings(site: Site, context: PageContext): Promise<Response> {
  const wanted = (context.req.query("find") ?? "").trim();
  const all = await site.view.settings();
  const found = all.filter(({ name, documentation }) =>
    `${name} ${documentation}`.toLowerCase().includes(wanted.toLowerCase())
  );
  const body = html`
    ${heading("Settings of the broker")}
    <p
      class="words lead">Set when the broker starts: by <code>--set NAME=VALUE</code>, the environment or a file. Some can be changed while it runs, with any Kafka client.</p>
    <form class="line" method="get" role="search"><label>Find a setting
    <input type="search" name="find" value="${wanted}" placeholder="part of its name or explanation" autocomplete="off" spellcheck="false"></label>
    <button type="submit">Find</button></form>
    <p class="words">${count(found.length)} of ${count(all.length)}</p>
    <ul class="settings">${found.map((setting) => rowOf(setting, ""))}</ul>
  `;
  return await show(site, context, { title: "Settings", section: "Settings", body });
}

const SOURCES = {
  topic: "set on the topic",
  dynamic: "changed while running",
  broker: "set at the start",
  default: "default",
};

function rowOf(setting: SettingDescription, change: Html | ""): Html {
  const { name, value, defaultValue, documentation, source } = setting;
  const meaning = meaningOf(name, value);
  return html`<li class="setting"><div class="setting-head"><h2><code>${name}</code></h2>
<span class="badge ${source === "default" ? "" : "set"}">${SOURCES[source]}</span></div>
<p class="setting-value"><code>${value === "" ? "empty" : value}</code>${
    meaning === "" ? "" : html`
      <span class="words">${meaning}</span>
    `
  }</p>
<p class="words">${documentation}. ${
    source === "default" ? "" : html`Default: <code>${defaultValue === "" ? "empty" : defaultValue}</code>.`
  }</p>
${change}</li>`;
}

function changeForm(
  { name, value, source, type }: SettingDescription,
  path: string,
  wrong: { readonly message: string; readonly typed: string | null } | null,
): Html {
  const given = wrong?.typed ?? value;
  const told = wrong === null ? "" : html`aria-invalid="true" autofocus aria-describedby="${name}-wrong"`;
  const input = type === "boolean"
    ? html`<select name="value" aria-label="New value of ${name}" ${told}>${
      ["true", "false"].map((word) => html`<option ${word === given ? html`selected` : ""}>${word}</option>`)
    }</select>`
    : html`
      <input name="value" value="${given}" aria-label="New value of ${name}" autocomplete="off"
        spellcheck="false" ${told}>
    `;
  return html`
    <details ${wrong === null ? "" : html`open`}>
      <summary aria-label="Change ${name}">Change</summary>
      <form method="post" action="${path}" class="line">
    <input type="hidden" name="name" value="${name}">${input}<button type="submit" class="primary">Save</button>${source ===
        "topic"
      ? html`<button type="submit" name="reset" value="1">Back to the default</button>`
      : ""}</form>
      ${wrong === null ? "" : html`<p class="wrong" id="${name}-wrong" role="alert">${wrong.message}</p>`}
    </details>
  `;
}
