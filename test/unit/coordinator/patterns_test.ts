/** What knows patterns is loaded when the first one comes, and no turn that needs it runs before. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { compilePattern } from "../../../src/coordinator/groups/consumer/pattern/re2.ts";
import type { Coordinator } from "../../../src/coordinator/mod.ts";
import type {
  ConsumerHeartbeatCommand,
  CoordinatorCommand,
  CoordinatorInput,
} from "../../../src/model/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { graphInfo } from "../../tidy/graph.ts";
import { heartbeat, steady } from "./groups/consumer/driver.ts";
import { create, decided, NOW_MS, open, stop } from "./world.ts";

const JOIN = heartbeat({ subscribedTopics: null, subscribedPattern: "orders-.*" });

function input(command: CoordinatorCommand): CoordinatorInput {
  return { kind: "decide", id: 1, command };
}

/** The answer to a heartbeat, in a turn of its own. */
function beat(coordinator: Coordinator, command: ConsumerHeartbeatCommand) {
  const [output] = decided(coordinator.turn([input(command)], NOW_MS));
  assert(output?.reply.kind === "consumer_heartbeat");
  return output.reply;
}

describe("Coordinator.needsPatterns", () => {
  it("is false for a turn without patterns, true for one that brings one", () => {
    const { coordinator } = open(new MemoryDisk());
    const inputs = [create("orders"), heartbeat(), steady("a", 1, { subscribedPattern: "" })].map(input);
    assert.equal(coordinator.needsPatterns(inputs), false);
    assert.equal(coordinator.needsPatterns([{ kind: "stop", id: 2 }]), false);
    assert.equal(coordinator.needsPatterns([...inputs, input(JOIN)]), true);
  });

  it("is false once patterns are known", () => {
    const { coordinator } = open(new MemoryDisk());
    coordinator.usePatterns(compilePattern);
    assert.equal(coordinator.needsPatterns([input(JOIN)]), false);
    assert.equal(beat(coordinator, JOIN).fault, null);
  });

  it("is true for any turn when a group out of the log has a pattern, and its topics are followed then", () => {
    const disk = new MemoryDisk();
    const { coordinator: first } = open(disk);
    first.usePatterns(compilePattern);
    first.turn([input(create("orders-1"))], NOW_MS);
    assert.equal(beat(first, JOIN).assignment?.length, 1);
    stop(first);
    const { coordinator } = open(disk);
    assert.equal(coordinator.needsPatterns([]), true);
    coordinator.usePatterns(compilePattern);
    assert.equal(coordinator.needsPatterns([]), false);
    coordinator.turn([input(create("orders-2"))], NOW_MS);
    assert.equal(beat(coordinator, JOIN).assignment?.length, 2);
  });

  it("is false after a restart of groups without patterns", () => {
    const disk = new MemoryDisk();
    const { coordinator: first } = open(disk);
    assert.equal(beat(first, heartbeat()).fault, null);
    stop(first);
    assert.equal(open(disk).coordinator.needsPatterns([]), false);
  });
});

describe("re2.ts", () => {
  it("is imported on demand alone", async () => {
    const to = "src/coordinator/groups/consumer/pattern/re2.ts";
    const { modules } = await graphInfo(["main.ts", "workers/partition.ts", "workers/coordinator.ts"]);
    const imports = modules.flatMap(({ dependencies = [] }) => dependencies)
      .filter(({ code }) => code?.specifier?.endsWith(`/${to}`));
    assert.deepEqual(imports.map(({ isDynamic }) => isDynamic), [true]);
    const packages = modules.flatMap(({ dependencies = [] }) => dependencies)
      .filter(({ specifier }) => specifier === "re2js");
    assert.equal(packages.length, 1);
  });
});
