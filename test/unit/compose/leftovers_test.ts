/** What a start makes of directories that belong to no topic. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { clearLeftovers } from "../../../src/leftovers.ts";
import { applyEvent, IMAGE_EMPTY } from "../../../src/model/mod.ts";
import { MemoryDisk, replaceFile } from "../../../src/storage/mod.ts";

const OURS = "ZFV37UMxQKW8N6_xDaKdfw";
const OTHERS = "Unxn5HkLRz-53YCqoDk5fA";
const partition = { partition: 0, leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] };
const image = applyEvent(IMAGE_EMPTY, {
  kind: "topic_created",
  topic: { name: "orders", id: OURS, internal: false, partitions: [partition], settings: {} },
});

function diskWith(directories: Record<string, string | null>): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [name, topicId] of Object.entries(directories)) {
    disk.makeDirectory(`data/${name}`);
    const text = `version: 0\ntopic_id: ${topicId}\n`;
    if (topicId !== null) {
      replaceFile(disk, `data/${name}/partition.metadata`, new TextEncoder().encode(text));
    }
  }
  return disk;
}

function names(disk: MemoryDisk): string[] {
  return disk.list("data").map(({ name }) => name);
}

describe("clearLeftovers", () => {
  it("finishes deletions that were cut short", () => {
    const disk = diskWith({ "orders-0": OURS, "gone-0.0123456789abcdef0123456789abcdef-delete": OTHERS });
    assert.deepEqual(clearLeftovers(disk, "data", image), []);
    assert.deepEqual(names(disk), ["orders-0"]);
  });

  it("leaves topics, the journal, new directories and other files alone", () => {
    const disk = diskWith({ "orders-0": OURS, "__cluster_metadata-0": null, "notes": null });
    assert.deepEqual(clearLeftovers(disk, "data", image), []);
    assert.deepEqual(names(disk), ["__cluster_metadata-0", "notes", "orders-0"]);
    const fresh = diskWith({ "orders-0": null });
    assert.deepEqual(clearLeftovers(fresh, "data", image), []);
  });

  it("sets a former topic's data aside, never over other data", () => {
    const disk = diskWith({ "orders-0": OTHERS, "orders-1": OURS, "lost-0": null });
    assert.equal(clearLeftovers(disk, "data", image).length, 3);
    const first = names(disk);
    assert.ok(first.every((name) => name.endsWith("-stray")), first.join());
    disk.makeDirectory("data/lost-0");
    clearLeftovers(disk, "data", image);
    assert.equal(names(disk).length, 4);
  });

  it("sets a directory aside whose name leaves no room for more, as often as it comes", () => {
    const long = "x".repeat(240);
    const disk = diskWith({ [`${long}-0`]: OTHERS });
    clearLeftovers(disk, "data", image);
    disk.makeDirectory(`data/${long}-0`);
    replaceFile(
      disk,
      `data/${long}-0/partition.metadata`,
      new TextEncoder().encode(`version: 0\ntopic_id: ${OTHERS}\n`),
    );
    assert.equal(clearLeftovers(disk, "data", image).length, 1);
    assert.deepEqual(names(disk).map((name) => [name.length, name.endsWith("-stray")]), [[255, true], [
      255,
      true,
    ]]);
  });
});
