/** How keys and values are shown on pages, and numbers with their units. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { present } from "../../../src/console/pages/present.ts";
import {
  byteRate,
  bytes,
  count,
  duration,
  meaningOf,
  percent,
  timeText,
} from "../../../src/console/pages/words.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("present", () => {
  it("sets JSON out over lines and keeps its digits", () => {
    const { form, line, text } = present(encode('{"id":12345678901234567890,"a":[1.50]}'), "auto");
    assert.equal(form, "json");
    assert.equal(text, '{\n  "id": 12345678901234567890,\n  "a": [\n    1.5\n  ]\n}');
    assert.equal(line, '{"id":12345678901234567890,"a":[1.5]}');
  });

  it("leaves words and numbers as text unless JSON is asked for", () => {
    assert.equal(present(encode("17"), "auto").form, "text");
    assert.equal(present(encode("17"), "json").form, "json");
    assert.equal(present(encode("no json"), "json").form, "text");
  });

  it("shows what is no text as hexadecimal with its signs", () => {
    const { form, text, line } = present(Uint8Array.of(0, 65, 255), "auto");
    assert.deepEqual([form, line], ["hex", "0041ff"]);
    assert.match(text, /^000000 {2}00 41 ff +\.A\.$/);
  });

  it("takes for msgpack what is no text but one whole map or list", () => {
    const map = Uint8Array.of(0x81, 0xa1, 0x61, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1);
    const { form, line, text } = present(map, "auto");
    assert.deepEqual([form, line, text], [
      "msgpack",
      '{"a":9007199254740993}',
      '{\n  "a": 9007199254740993\n}',
    ]);
    assert.equal(present(map.subarray(0, 11), "auto").form, "hex");
    assert.equal(present(map, "text").form, "hex");
    assert.equal(present(Uint8Array.of(0xc3), "auto").form, "hex");
  });

  it("tells null from nothing in it", () => {
    assert.equal(present(null, "auto").form, "null");
    assert.deepEqual(present(encode(""), "auto"), { form: "text", line: "", text: "" });
  });

  it("bounds a line and a text, and says what is left out", () => {
    const { line, text } = present(encode("x".repeat(200_000)), "auto");
    assert.equal(line.length, 301);
    assert.match(text, /x\nand 100000 characters more$/);
  });
});

describe("words", () => {
  it("set thousands apart and give units", () => {
    assert.equal(count(1_234_567), "1,234,567");
    assert.deepEqual([bytes(0), bytes(1_023), bytes(1_536), bytes(5e9)], [
      "0 B",
      "1,023 B",
      "1.5 KiB",
      "4.7 GiB",
    ]);
    assert.deepEqual([byteRate(2_048), percent(0.125)], ["2 KiB/s", "12.5 %"]);
    assert.deepEqual([duration(4_200), duration(720_000), duration(97_200_000)], [
      "4.2 s",
      "12 min",
      "1 d 3 h",
    ]);
    assert.equal(timeText(0), "1970-01-01 00:00:00.000");
  });

  it("give a dash for what is not known yet", () => {
    assert.deepEqual([count(NaN), bytes(NaN), byteRate(NaN), percent(NaN), duration(NaN)], [
      "–",
      "–",
      "–",
      "–",
      "–",
    ]);
  });

  it("tell what a setting's number means", () => {
    assert.equal(meaningOf("retention.ms", "604800000"), "7 d 0 h");
    assert.equal(meaningOf("retention.ms", "-1"), "for ever");
    assert.equal(meaningOf("segment.bytes", "1073741824"), "1 GiB");
    assert.equal(meaningOf("retention.bytes", "-1"), "no bound");
    assert.equal(meaningOf("cleanup.policy", "delete"), "");
  });
});
