/** Request frames of real clients, kept by `capture_requests.ts`: read by the door's own reader, and written again. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Message, Reader } from "../../src/bytes/mod.ts";
import { readBody, readClientId, readHead } from "../../src/kafka/frame.ts";
import { findApi } from "../../src/kafka/registry.ts";
import { requestFrame } from "../fuzz/kafka_messages.ts";

const FOLDER = new URL("./requests/", import.meta.url);
/** Where a request names the topic the clients were told of, or a group named after it. */
const TOPIC_FIELDS: Readonly<Record<number, (body: Message) => unknown>> = {
  0: ({ topicData }) => first(topicData).name,
  1: ({ topics }) => first(topics).topic,
  2: ({ topics }) => first(topics).name,
  8: ({ topics }) => first(topics).name,
  11: ({ groupId }) => groupId,
  12: ({ groupId }) => groupId,
  13: ({ groupId }) => groupId,
  14: ({ groupId }) => groupId,
  19: ({ topics }) => first(topics).name,
  20: ({ topicNames, topics }) => (topicNames as string[])[0] ?? first(topics).name,
  21: ({ topics }) => first(topics).name,
  32: ({ resources }) => first(resources).resourceName,
  33: ({ resources }) => first(resources).resourceName,
  37: ({ topics }) => first(topics).name,
  42: ({ groupsNames }) => (groupsNames as string[])[0],
  44: ({ resources }) => first(resources).resourceName,
  47: ({ groupId }) => groupId,
  68: ({ groupId }) => groupId,
  75: ({ topics }) => first(topics).name,
};
/** Versions in which topics go by id. */
const IDS_FROM: Readonly<Record<number, number>> = { 0: 13, 1: 13, 8: 10 };
/** Clients whose programs have names of their own; a first ApiVersions may come before the name is set, too. */
const OWN_NAMES: ReadonlySet<string> = new Set(["java", "franz_go", "sarama", "segmentio"]);

function first(list: unknown): Message {
  return (list as Message[])[0] ?? {};
}

function names(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

describe("golden requests", () => {
  it("are of the three clients that any machine has, and more", () => {
    const clients = names(FOLDER);
    for (const client of ["kafkajs", "kcat", "platformatic"]) assert.ok(clients.includes(client), client);
    for (const client of clients) assert.ok(names(new URL(`${client}/`, FOLDER)).length >= 4, client);
  });

  for (const client of names(FOLDER)) {
    const folder = new URL(`${client}/`, FOLDER);
    it(`of ${client} read to the last byte, say what was meant, and are the same when written again`, () => {
      for (const name of names(folder)) {
        const frame = Uint8Array.fromHex(Deno.readTextFileSync(new URL(name, folder)).replaceAll("\n", ""));
        const reader = new Reader(frame);
        const { key, version, correlationId } = readHead(reader);
        const api = findApi(key);
        assert.ok(api !== null && name.endsWith(`_v${version}.hex`), name);
        const clientId = readClientId(reader, api, version);
        const body = readBody(reader, api, version);
        if (!OWN_NAMES.has(client)) assert.match(String(clientId), /golden/, name);
        const topic = TOPIC_FIELDS[key]?.(body);
        if (topic !== undefined && version < (IDS_FROM[key] ?? Infinity)) {
          assert.match(String(topic), /golden/, name);
        }
        const again = requestFrame(api, version, body, clientId);
        new DataView(again.buffer, again.byteOffset).setInt32(4, correlationId);
        assert.equal(again.toHex(), frame.toHex(), name);
      }
    });
  }
});
