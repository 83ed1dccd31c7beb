/** Changes a setting of a topic, or takes it back. What may delete records is asked for first. */
import { html } from "hono/html";
import type { SettingDescription, TopicDescription } from "../../model/mod.ts";
import { RequestError } from "../failure.ts";
import { changed } from "../rest/topics.ts";
import { field, goTo, readForm, wrongOf } from "./form.ts";
import { crumbs, heading, type PageContext, show, type Site } from "./layout.ts";
import { topicNamed } from "./topic_facts.ts";
import { settingsPage } from "./topic_settings.ts";
import { topicPath } from "./topics.ts";
import { meaningOf } from "./words.ts";

/** What a setting is to become. */
interface Change {
  readonly setting: SettingDescription;
  /** `null`: its default. */
  readonly value: string | null;
}

/** Changes one setting; the form's `sure` says that it was asked. */
export async function changeSetting(site: Site, context: PageContext): Promise<Response> {
  const topic = await topicNamed(site.view, context.req.param("topic")!);
  const form = await readForm(site, context);
  const value = form.has("reset") ? null : field(form, "value");
  const change = { setting: settingNamed(topic, field(form, "name")), value };
  const mustAsk = deletes(change) !== null && !form.has("sure");
  try {
    await alter(site, topic, change, mustAsk);
  } catch (error) {
    const wrong = wrongOf(error);
    const own = wrong.status === 400 ? { ...wrong, field: change.setting.name } : wrong;
    return await settingsPage(site, context, topic, own, value);
  }
  if (mustAsk) return await ask(site, context, topic, change);
  return goTo(
    context,
    topicPath(topic.name, "/settings"),
    value === null ? "setting-reset" : "setting-changed",
  );
}

function settingNamed(topic: TopicDescription, name: string): SettingDescription {
  const setting = topic.settings.find((each) => each.name === name);
  if (setting !== undefined) return setting;
  throw new RequestError(40403, `Topic "${topic.name}" has no setting "${name}"`);
}

async function alter(
  { view }: Site,
  { name }: TopicDescription,
  { setting, value }: Change,
  validateOnly: boolean,
): Promise<void> {
  const topics = [{ name, settings: { [setting.name]: value } }];
  changed(await view.ask({ kind: "alter_topics", topics, validateOnly }));
}

/** What a change would delete that stays as things are, in words, or `null`. */
function deletes({ setting: { name, value: before, defaultValue }, value }: Change): string | null {
  const after = value ?? defaultValue;
  if (name === "cleanup.policy") return byPolicy(before, after);
  const isLess = bound(after) < bound(before);
  if (name === "retention.ms" && isLess) return "Records older than that are deleted for good.";
  return name === "retention.bytes" && isLess
    ? "The oldest records of partitions larger than that are deleted for good."
    : null;
}

/** −1: as long, or as much, as there is. */
function bound(value: string): number {
  return Number(value) < 0 ? Infinity : Number(value);
}

function byPolicy(before: string, after: string): string | null {
  const isNew = (policy: string) => after.includes(policy) && !before.includes(policy);
  const words = [
    isNew("compact") ? "Of each key only the latest record is kept, the others are deleted for good." : "",
    isNew("delete") ? "Records past the topic's retention are deleted for good." : "",
  ].filter((each) => each !== "");
  return words.length === 0 ? null : words.join(" ");
}

/** Shows what would become of records before the setting is changed. */
async function ask(site: Site, context: PageContext, topic: TopicDescription, change: Change) {
  const { setting, value } = change;
  const { name, defaultValue } = setting;
  const path = topicPath(topic.name, "/settings");
  const told = (text: string) => {
    const meaning = meaningOf(name, text);
    return html`<code>${text}</code>${meaning === "" ? "" : ` (${meaning})`}`;
  };
  const kept = value === null
    ? html`<input type="hidden" name="reset" value="1">`
    : html`<input type="hidden" name="value" value="${value}">`;
  const body = html`${
    heading("Change the setting", "", crumbs(["Topics", "/topics"], [topic.name, topicPath(topic.name)]))
  }
<form method="post" action="${path}" class="card form">
<p>This changes <code>${name}</code> of <strong>${topic.name}</strong> from ${told(setting.value)} to ${
    told(value ?? defaultValue)
  }. ${deletes(change)} There is no way back.</p>
<input type="hidden" name="name" value="${name}"><input type="hidden" name="sure" value="1">${kept}
<div class="line"><button type="submit" class="danger">Change it</button><a class="button" href="${path}">Leave it</a></div>
</form>`;
  return await show(site, context, { title: `${topic.name}: ${name}`, section: "Topics", body });
}
