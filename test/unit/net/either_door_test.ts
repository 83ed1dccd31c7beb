import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Door, eitherDoor, type ReplySlot } from "../../../src/net/mod.ts";

const PEER = { remote: "test", localHost: "127.0.0.1", localPort: 1 };
const SLOT: ReplySlot = { weigh() {}, count() {}, fill() {}, fillAndClose() {} };
const KAFKA = Uint8Array.of(0, 18);
const NATIVE = Uint8Array.of(0x83, 1);

/** A door that writes down what happens to its sessions. */
function scripted(name: string, log: string[]): Door {
  return {
    name,
    open: () => (log.push(`${name} opens`), {
      measure: (head) => (log.push(`${name} measures`), head.length),
      receive: (frame) => void log.push(`${name} receives ${frame[0]}`),
      close: () => void log.push(`${name} closes`),
    }),
  };
}

function open() {
  const log: string[] = [];
  const door = eitherDoor(scripted("kafka", log), scripted("native", log), (frame) => frame[0] === 0x83);
  return { door, log, session: door.open(PEER) };
}

describe("eitherDoor", () => {
  it("has the name of the usual door, which measures the first frame", () => {
    const { door, log, session } = open();
    assert.equal(door.name, "kafka");
    assert.equal(session.measure(Uint8Array.of(1, 2, 3, 4)), 4);
    assert.deepEqual(log, ["kafka opens", "kafka measures"]);
  });

  it("hands a connection that begins with the usual protocol to the usual door for good", () => {
    const { log, session } = open();
    for (const frame of [KAFKA, NATIVE]) session.receive(frame, SLOT);
    session.close();
    assert.deepEqual(log, ["kafka opens", "kafka receives 0", "kafka receives 131", "kafka closes"]);
  });

  it("hands a connection that begins with the other protocol to the other door for good", () => {
    const { log, session } = open();
    for (const frame of [NATIVE, KAFKA]) session.receive(frame, SLOT);
    session.measure(KAFKA);
    session.close();
    assert.deepEqual(log.slice(1), [
      "kafka closes",
      "native opens",
      "native receives 131",
      "native receives 0",
      "native measures",
      "native closes",
    ]);
  });

  it("closes a connection that never sent a frame", () => {
    const { log, session } = open();
    session.close();
    assert.deepEqual(log, ["kafka opens", "kafka closes"]);
  });
});
