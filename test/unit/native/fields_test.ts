/** Fields: each error names the field, shows the value and says what is wanted. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as fields from "../../../src/native/fields.ts";

function says(read: () => unknown, sentence: string): void {
  assert.throws(read, (error: unknown) => {
    assert.ok(error instanceof fields.FieldError, String(error));
    assert.equal(error.message, sentence);
    return true;
  });
}

describe("integer", () => {
  it("takes safe integers from its minimum on", () => {
    assert.equal(fields.integer({ c: 0 }, "", "c", 0), 0);
    assert.equal(fields.integer({ c: 2 ** 53 - 1 }, "", "c", 0), 2 ** 53 - 1);
    assert.equal(fields.integerOr({ c: null }, "", "c", 0, 9), 9);
    assert.equal(fields.integerOr({}, "", "c", 0, 9), 9);
  });

  it("names the field with its path, and shows what was there", () => {
    says(
      () => fields.integer({}, "entries.", "offset", 0),
      `Field "entries.offset" is missing, wanted an integer of at least 0`,
    );
    for (
      const [value, shown] of [[-1, "-1"], [1.5, "1.5"], [2 ** 53, "9007199254740992"], ["7", "7"], [
        null,
        "null",
      ]]
    ) {
      says(
        () => fields.integer({ c: value }, "", "c", 0),
        `Field "c" is "${shown}", wanted an integer of at least 0`,
      );
    }
    says(
      () => fields.integerOr({ c: true }, "", "c", 2, 9),
      `Field "c" is "true", wanted an integer of at least 2`,
    );
  });

  it("shows long and composed values shortly, whatever their keys", () => {
    const wanted = "wanted an integer of at least 0";
    says(() => fields.integer({ c: new Uint8Array(30) }, "", "c", 0), `Field "c" is "30 bytes", ${wanted}`);
    says(
      () => fields.integer({ c: "x".repeat(500) }, "", "c", 0),
      `Field "c" is "${"x".repeat(80)}...", ${wanted}`,
    );
    says(() => fields.integer({ c: [1, 2] }, "", "c", 0), `Field "c" is "a list of 2 items", ${wanted}`);
    says(
      () => fields.integer({ c: { toString: 1, toJSON: 2 } }, "", "c", 0),
      `Field "c" is "a map of 2 keys", ${wanted}`,
    );
  });
});

describe("fields of other types", () => {
  it("text, flag and bytes take theirs and refuse the rest", () => {
    assert.equal(fields.text({ a: "x" }, "", "a"), "x");
    says(() => fields.text({ a: 1 }, "topics.", "a"), `Field "topics.a" is "1", wanted text`);
    assert.deepEqual([{}, { a: null }, { a: false }, { a: true }].map((f) => fields.flag(f, "", "a")), [
      false,
      false,
      false,
      true,
    ]);
    says(() => fields.flag({ a: "yes" }, "", "a"), `Field "a" is "yes", wanted true or false`);
    assert.deepEqual(fields.bytes({ a: Uint8Array.of(1) }, "", "a"), Uint8Array.of(1));
    says(() => fields.bytes({ a: "x" }, "", "a"), `Field "a" is "x", wanted bytes`);
  });

  it("maps and texts take lists up to their bound, of nothing else", () => {
    assert.deepEqual(fields.maps({ a: [{ b: 1 }] }, "", "a", 1), [{ b: 1 }]);
    says(() => fields.maps({}, "", "a", 1), `Field "a" is missing, wanted a list`);
    says(() => fields.maps({ a: [{}, {}] }, "", "a", 1), `Field "a" is "2", wanted at most 1 items`);
    for (const item of [1, null, "x"]) {
      says(() => fields.maps({ a: [item] }, "", "a", 1), `Field "a" is "${item}", wanted a list of maps`);
    }
    says(
      () => fields.maps({ a: [[]] }, "", "a", 1),
      `Field "a" is "a list of 0 items", wanted a list of maps`,
    );
    says(
      () => fields.maps({ a: [new Uint8Array(2)] }, "", "a", 1),
      `Field "a" is "2 bytes", wanted a list of maps`,
    );
    assert.deepEqual(fields.texts({ a: ["x", "y"] }, "", "a", 2), ["x", "y"]);
    says(() => fields.texts({ a: ["x", 2] }, "", "a", 2), `Field "a" is "2", wanted a list of texts`);
    assert.deepEqual([{}, { a: null }].map((f) => fields.textsOrNull(f, "", "a", 2)), [null, null]);
  });

  it("settings take texts, numbers and truth values, and null where it resets", () => {
    const given = { a: { x: "1", y: 2, z: true } };
    assert.deepEqual(fields.settings(given, "", "a", false), { x: "1", y: "2", z: "true" });
    assert.deepEqual(fields.settings({}, "", "a", false), {});
    assert.deepEqual(fields.settings({ a: { x: null } }, "", "a", true), { x: null });
    says(
      () => fields.settings({ a: { x: null } }, "topics.", "a", false),
      `Field "topics.a.x" is "null", wanted text`,
    );
    says(
      () => fields.settings({ a: { x: [] } }, "", "a", true),
      `Field "a.x" is "a list of 0 items", wanted text or null`,
    );
    for (const value of [[], "x", 1, new Uint8Array(1)]) {
      assert.throws(() => fields.settings({ a: value }, "", "a", true), /wanted a map of settings/);
    }
  });
});
