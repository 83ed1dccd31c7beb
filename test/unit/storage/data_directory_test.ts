import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import {
  checkMetaProperties,
  DataDirectoryError,
  type Disk,
  FaultyDisk,
  FileDisk,
  MemoryDisk,
  openDataDirectory,
  readWhole,
  replaceFile,
} from "../../../src/storage/mod.ts";
import { bytes, pattern, sameBytes, throwsCode } from "./expect.ts";

const UTF8 = new TextEncoder();
let ids = 0;
const newId = () => `id-${++ids}`;

function withDirectory(run: (path: string) => void): void {
  const path = Deno.makeTempDirSync({ prefix: "weir-data-" });
  try {
    run(path);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function refused(call: () => unknown, message: RegExp): void {
  assert.throws(call, (error) => error instanceof DataDirectoryError && message.test(error.message));
}

function put(disk: Disk, path: string, text: string): void {
  replaceFile(disk, path, UTF8.encode(text));
}

it("openDataDirectory: makes the directory and its parents, and refuses a second broker in this process", () => {
  withDirectory((root) => {
    const path = `${root}/a/data`;
    const directory = openDataDirectory(path, new FileDisk());
    assert.equal(Deno.statSync(`${path}/.lock`).isFile, true);
    refused(() => openDataDirectory(path, new FileDisk()), /is in use by another broker/);
    directory.close();
    directory.close();
    openDataDirectory(path, new FileDisk()).close();
  });
});

it("openDataDirectory: another process is refused until its holder is killed", async () => {
  const path = Deno.makeTempDirSync({ prefix: "weir-data-" });
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("./lock_holder.ts", import.meta.url).pathname, path],
    stdout: "piped",
  }).spawn();
  try {
    const reader = holder.stdout.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "held\n");
    refused(() => openDataDirectory(path, new FileDisk()), /is in use by another broker/);
    holder.kill("SIGKILL");
    await holder.status;
    await reader.cancel();
    openDataDirectory(path, new FileDisk()).close();
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});

it("openDataDirectory: says that a file is in the way", () => {
  withDirectory((root) => {
    Deno.writeTextFileSync(`${root}/data`, "");
    refused(() => openDataDirectory(`${root}/data`, new FileDisk()), /data": a file is in the way/);
    refused(() => openDataDirectory(`${root}/data/x`, new FileDisk()), /data\/x": a file is in the way/);
  });
});

it("openDataDirectory: says that the disk refuses to write", () => {
  const disk = new FaultyDisk();
  disk.fail({ operation: "makeDirectory", code: "denied" });
  refused(
    () => openDataDirectory("/data", disk),
    /^Can't use the data directory "\/data": it must be writable/,
  );
});

it("openDataDirectory: a memory disk needs no lock", () => {
  const disk = new MemoryDisk();
  openDataDirectory("./data", disk);
  openDataDirectory("./data", disk);
  assert.deepEqual(disk.list("./data"), []);
});

it("DataDirectory: identify writes meta.properties once and gives the same identity ever after", () => {
  const disk = new MemoryDisk();
  const first = openDataDirectory("d", disk).identify({ nodeId: 3, newId });
  assert.deepEqual(openDataDirectory("d", disk).identify({ nodeId: 3, newId }), first);
  const text = openDataDirectory("d", disk).readText("meta.properties")!;
  const lines = `version=1\ncluster.id=${first.clusterId}\nnode.id=3\ndirectory.id=${first.directoryId}\n`;
  assert.match(text.slice(lines.length), /^weir\.crc32c=[0-9a-f]{8}\n$/);
  assert.equal(text.slice(0, lines.length), lines);
  assert.equal(checkMetaProperties(text), null);
  assert.match(checkMetaProperties(text.replace("node.id=3", "node.id=2"))!, /checksum does not fit/);
});

it("checkMetaProperties takes Kafka's own file, and no line that nobody writes", () => {
  const kafka = "#\n#Sat Nov 21 15:43:00 UTC 2026\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\nversion=1\nnode.id=1\n";
  assert.equal(checkMetaProperties(kafka), null);
  assert.match(checkMetaProperties(kafka.replace("node.id=1", "node.id=1\nnodf.id=1"))!, /"nodf.id=1"/);
});

it("DataDirectory: identify reads Kafka's own file and adds a missing directory id", () => {
  const disk = new MemoryDisk();
  const directory = openDataDirectory("d", disk);
  put(
    disk,
    "d/meta.properties",
    "#\n#Thu Jan 01 00:00:00 UTC 1970\nnode.id=1\r\nversion = 1\ncluster.id: abc_-\nx=y=z\n",
  );
  const identity = directory.identify({ nodeId: 1, newId: () => "new" });
  assert.deepEqual(identity, { clusterId: "abc_-", nodeId: 1, directoryId: "new" });
  assert.equal(directory.identify({ nodeId: 1, clusterId: "abc_-", newId }).directoryId, "new");
});

it("DataDirectory: identify refuses another node's, another cluster's and an unreadable directory", () => {
  const disk = new MemoryDisk();
  const directory = openDataDirectory("d", disk);
  directory.identify({ nodeId: 1, clusterId: "c", newId });
  refused(() => directory.identify({ nodeId: 2, newId }), /belongs to node "1", this broker is node "2"/);
  refused(() => directory.identify({ nodeId: 1, clusterId: "e", newId }), /belongs to cluster "c"/);
  for (const text of ["", "version=2\n", "version=1\n", "version=1\ncluster.id=c\nnode.id=x\n"]) {
    put(disk, "d/meta.properties", text);
    refused(() => directory.identify({ nodeId: 1, newId }), /^Can't read "d\/meta.properties": /);
  }
});

it("DataDirectory: the clean marker is taken once, and a crash after that is unclean", () => {
  const disk = new FaultyDisk();
  const directory = openDataDirectory("d", disk);
  assert.deepEqual(directory.takeCleanMarker(), { isClean: false, brokerEpoch: -1, notice: null });
  directory.writeCleanMarker(7);
  assert.equal(directory.readText(".kafka_cleanshutdown"), '{"version":0,"brokerEpoch":7}');
  disk.crash(() => 0);
  assert.deepEqual(directory.takeCleanMarker(), { isClean: true, brokerEpoch: 7, notice: null });
  disk.crash(() => 0);
  assert.equal(directory.takeCleanMarker().isClean, false);
});

it("DataDirectory: a clean marker that can't be read counts as unclean and is noted", () => {
  const disk = new MemoryDisk();
  const directory = openDataDirectory("d", disk);
  for (const text of ["", "{", "null", '{"version":1,"brokerEpoch":7}', '{"version":0}']) {
    put(disk, "d/.kafka_cleanshutdown", text);
    const { isClean, notice } = directory.takeCleanMarker();
    assert.equal(isClean, false);
    assert.match(notice ?? "", /counts as unclean/);
    assert.equal(directory.readText(".kafka_cleanshutdown"), null);
  }
});

it("DataDirectory: a checkpoint is read back; a missing one is null, a corrupt one null with a notice", () => {
  const directory = openDataDirectory("d", new MemoryDisk());
  const parse = (text: string) => {
    if (!text.startsWith("0\n")) throw new Error("wrong version");
    return text.length;
  };
  const name = "recovery-point-offset-checkpoint";
  assert.deepEqual(directory.readCheckpoint(name, parse), { value: null, notice: null });
  directory.writeCheckpoint(name, "0\n0\n");
  assert.deepEqual(directory.readCheckpoint(name, parse), { value: 4, notice: null });
  directory.writeCheckpoint(name, "1\n");
  assert.deepEqual(directory.readCheckpoint(name, parse), {
    value: null,
    notice: `Ignored the checkpoint "d/${name}": wrong version`,
  });
});

it("replaceFile: leaves the old file or the new one after a crash at any step, and no third", () => {
  const operations = ["open", "write", "sync", "rename", "syncDirectory"] as const;
  for (const operation of operations) {
    for (const random of [() => 0, () => 0.3, () => 0.6, () => 0.9]) {
      const disk = new FaultyDisk();
      put(disk, "a", "old");
      disk.fail({ operation });
      throwsCode("io", () => put(disk, "a", "newer"));
      disk.crash(random);
      const text = new TextDecoder().decode(readWhole(disk, "a") ?? bytes());
      assert.ok(
        text === "old" || (text === "newer" && operation === "syncDirectory"),
        `${operation}: "${text}"`,
      );
    }
  }
});

it("replaceFile: a full disk leaves the old file and no temporary one", () => {
  const disk = new FaultyDisk();
  put(disk, "a", "old");
  disk.full = true;
  throwsCode("full", () => put(disk, "a", "newer"));
  assert.deepEqual(disk.list("/"), [{ name: "a", isDirectory: false }]);
});

it("replaceFile: a leftover temporary file that is longer does no harm", () => {
  const disk = new MemoryDisk();
  disk.open("a.tmp", "create").write(0, pattern(100));
  put(disk, "a", "short");
  sameBytes(readWhole(disk, "a") ?? bytes(), UTF8.encode("short"));
});

it("readWhole: gives null for a missing file", () => {
  assert.equal(readWhole(new MemoryDisk(), "none"), null);
});
