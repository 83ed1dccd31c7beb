import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { type Command, UsageError } from "../../../src/cli/command.ts";

const command: Command = {
  operands: [{ name: "NAME" }],
  options: [
    { name: "partitions", value: "N", help: "" },
    { name: "config", value: "K=V", help: "", repeated: true },
    { name: "json", help: "" },
    { name: "acks", value: "ACKS", help: "" },
  ],
  run: () => Promise.resolve(0),
};

function usage(words: string[], message: string | RegExp, read?: (given: ReturnType<typeof parse>) => void) {
  assert.throws(() => {
    const given = parse(words);
    read?.(given);
  }, (error: unknown) => {
    assert.ok(error instanceof UsageError);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

function parse(words: string[]) {
  return parseArguments(command, words);
}

describe("parseArguments", () => {
  it("parseArguments reads operands, values in both forms, switches and repeated options", () => {
    const given = parse(["--partitions", "3", "orders", "--config=a=1", "--config", "b=x=y", "--json"]);
    assert.deepEqual(given.operands, ["orders"]);
    assert.equal(given.integer("partitions", 1), 3);
    assert.deepEqual(given.pairs("config"), [["a", "1"], ["b", "x=y"]]);
    assert.equal(given.has("json"), true);
    assert.equal(given.has("acks"), false);
  });

  it("parseArguments takes a value that begins with a dash, and operands after --", () => {
    assert.equal(parse(["x", "--acks", "-1"]).text("acks"), "-1");
    assert.deepEqual(parse(["--", "--json"]).operands, ["--json"]);
  });

  it("parseArguments names the nearest option for one it does not know", () => {
    usage(["x", "--partitons", "3"], 'Unknown option "--partitons", did you mean --partitions?');
    usage(["x", "--zzzzzzzz"], 'Unknown option "--zzzzzzzz"');
    usage(["x", "-q"], 'Unknown option "-q"');
  });

  it("parseArguments refuses a missing value, a value for a switch and an option given twice", () => {
    usage(["x", "--partitions"], "--partitions needs a value: --partitions N");
    usage(["x", "--partitions", "--json"], "--partitions needs a value: --partitions N");
    usage(["x", "--json=yes"], '--json takes no value, but was given "yes"');
    usage(["x", "--acks", "1", "--acks", "0"], "--acks is given twice");
  });

  it("parseArguments refuses missing and surplus operands, unless help is wanted", () => {
    usage([], "NAME is missing");
    usage(["a", "b"], '"b" is one word too many');
    assert.equal(parse(["--help"]).has("help"), true);
    assert.equal(parse(["-h"]).has("help"), true);
  });

  it("Arguments refuses values that do not fit with what is wanted", () => {
    usage(
      ["x", "--partitions", "0"],
      '--partitions must be a whole number of at least 1, not "0"',
      (given) => given.integer("partitions", 1),
    );
    usage(
      ["x", "--partitions", "7.5"],
      '--partitions must be a whole number from 1 to 9, not "7.5"',
      (given) => given.integer("partitions", 1, 9),
    );
    usage(
      ["x", "--acks", "two"],
      '--acks must be one of 0, 1, all, not "two"',
      (given) => given.choice("acks", ["0", "1", "all"]),
    );
    usage(["x", "--config", "novalue"], '--config must be KEY=VALUE, not "novalue"', (given) => {
      given.pairs("config");
    });
  });
});
