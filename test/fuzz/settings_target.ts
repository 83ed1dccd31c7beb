/** Fuzz target: settings as people write them. A setting is taken or refused with words; nothing throws. */
import { resolveBrokerSettings, validateTopicSettings } from "../../src/config/mod.ts";

export const name = "settings";

const decoder = new TextDecoder();
const KEYS = ["log.segment.bytes", "native.listener", "log.cleanup.policy", "node.id", "advertised.address"];
/** What people write. */
export const seeds: readonly Uint8Array[] = [
  "log.segment.bytes=64MiB",
  "native.listener=[::1]:9292",
  "log.cleanup.policy=compact,delete",
  "node.id=-1",
  "advertised.address=host:65536",
  "no.such.key=1",
  "log.retention.ms=9223372036854775807",
].map((text) => new TextEncoder().encode(text));

export function run(input: Uint8Array): void {
  const text = decoder.decode(input);
  const key = KEYS[input.length % KEYS.length]!;
  for (const assignments of [[text], [`${key}=${text}`]]) check(resolveBrokerSettings({ assignments }));
  check(resolveBrokerSettings({ file: { [key]: text, nested: { [text]: input.length } } }));
  check(resolveBrokerSettings({ environment: { [`WEIR_${text}`]: text } }));
  const fault = validateTopicSettings({ "segment.bytes": text, [text]: "1" });
  if (fault === null) throw new Error("A topic took a setting that cannot be right");
}

function check(resolved: ReturnType<typeof resolveBrokerSettings>): void {
  if (resolved.kind === "setting_error" && resolved.message.length < 10) {
    throw new Error("A refusal says nothing");
  }
}
