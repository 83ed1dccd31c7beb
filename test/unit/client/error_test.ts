/** What people read of a failure: what was done, and what the broker said of it, each thing named once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { errorOfWire } from "../../../src/client/error.ts";

const said = (message: string) => ({ code: "TOPIC_ALREADY_EXISTS", message, retriable: false } as const);

describe("errorOfWire", () => {
  it("says what failed before the broker's words", () => {
    const { message, code } = errorOfWire(said("The disk is full"), 'Creating topic "orders"');
    assert.equal(message, 'Creating topic "orders": The disk is full');
    assert.equal(code, "TOPIC_ALREADY_EXISTS");
  });

  it("leaves it out where the broker's words name the same", () => {
    const { message } = errorOfWire(said('Topic "orders" already exists'), 'Creating topic "orders"');
    assert.equal(message, 'Topic "orders" already exists');
  });

  it("keeps it where a partition would be lost", () => {
    const { message } = errorOfWire(said('Topic "orders" is gone'), 'Trimming topic "orders", partition 3');
    assert.equal(message, 'Trimming topic "orders", partition 3: Topic "orders" is gone');
  });
});
