/**
 * One flipped bit in any byte of any file of a data directory: `log verify` finds it and names the place,
 * and who opens the directory is refused or told what was written, never something else.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Checkpoints } from "../../../src/checkpoints.ts";
import { verifyData } from "../../../src/cli/verify_data.ts";
import { type Finding, LogError, type LogOpenOptions, openLog } from "../../../src/log/mod.ts";
import { clearLeftovers } from "../../../src/leftovers.ts";
import { type Disk, openDataDirectory, readWhole, replaceFile } from "../../../src/storage/mod.ts";
import { NOW_MS, readAll } from "./fixtures.ts";
import {
  copyOf,
  DATA,
  directoriesOf,
  filesOf,
  LOG_START,
  openCoordinatorOn,
  optionsAfter,
  smallDirectory,
} from "./small_directory.ts";

const { disk, image, stopped } = smallDirectory();
const JOURNAL = `${DATA}/__cluster_metadata-0`;

function verify(): Finding[] {
  return verifyData(disk, DATA, directoriesOf(disk), () => {});
}

/** One bit of every byte, another one each time; of files without a checksum all bits, but for those that another test turns. */
function bitsOf(path: string): number[] {
  const isChecked = /\.(log|snapshot|checkpoint|headersum)$|prices-0\/.*index$/.test(path);
  const bits = Array.from({ length: 8 * disk.stat(path)!.size }, (_, bit) => bit);
  return bits.filter((bit) => !isChecked || (bit >> 3) % 8 === bit % 8);
}

/** Runs `check` with each bit flipped in turn. */
function withEachBit(paths: readonly string[], check: (path: string, where: string) => void): void {
  assert(paths.length > 0);
  for (const path of paths) {
    for (const bit of bitsOf(path)) {
      disk.flipBit(path, bit);
      check(path, `${path} byte ${bit >> 3} bit ${bit % 8}`);
      disk.flipBit(path, bit);
    }
  }
}

/** True when a finding names the file; or for one of a partition's files the partition. */
function isNamed(path: string, findings: readonly Finding[]): boolean {
  const directory = path.slice(0, path.lastIndexOf("/"));
  if (directory === DATA || path.endsWith(".checkpoint")) {
    return findings.some((finding) => finding.path === path);
  }
  const partition = `"${directory.slice(DATA.length + 1)}"`;
  return findings.some(({ path, what }) => path.startsWith(`${directory}/`) || what.includes(partition));
}

/** What the group has committed for orders-0; `null` when it is not served. */
function committed(coordinator: NonNullable<ReturnType<typeof openCoordinatorOn>["coordinator"]>) {
  const entries = [{ topic: "orders", partition: 0 }];
  const group = { group: "readers", memberId: null, memberEpoch: -1, entries };
  const command = { kind: "fetch_offsets", requireStable: false, groups: [group] } as const;
  const outputs = coordinator.turn([{ kind: "decide", id: 7, command }], NOW_MS);
  const decided = outputs.find((output) => output.kind === "decided");
  assert(decided?.kind === "decided" && decided.reply.kind === "offsets_fetched");
  const [found] = decided.reply.groups;
  if (found!.fault !== null) return null;
  const [entry] = found!.entries;
  return entry!.fault === null ? entry!.offset : null;
}

describe("One flipped bit in a data directory", () => {
  it("of which nothing is wrong otherwise", () => {
    assert.deepEqual(verify(), []);
    assert.ok(disk.list(`${DATA}/prices-0`).some(({ name }) => name.endsWith(".headersum")));
    const { coordinator, output } = openCoordinatorOn(copyOf(disk), stopped.recoveryPoint, stopped.groupLogs);
    assert(output.kind === "ready" && coordinator !== null);
    assert.deepEqual(output.image, image);
    assert.equal(committed(coordinator), 14);
  });

  it("is found by verify, whatever byte it is in, and the file or partition is named", () => {
    const missed: string[] = [];
    withEachBit(filesOf(disk), (path, where) => {
      const findings = verify();
      if (!isNamed(path, findings)) missed.push(`${where}: ${JSON.stringify(findings)}`);
    });
    assert.deepEqual(missed, []);
  });

  it("cannot be found in the leader epoch of a batch before the log's start, if it names an earlier one", () => {
    const path = `${JOURNAL}/00000000000000000000.log`;
    disk.flipBit(path, 15 * 8);
    assert.deepEqual(verify(), []);
    disk.flipBit(path, 15 * 8);
  });

  it("is found without a clean stop, too, but for digits of texts that a crash may have left behind", () => {
    const path = `${DATA}/.kafka_cleanshutdown`;
    const marker = readWhole(disk, path)!;
    disk.remove(path);
    const missed = new Map<string, number>();
    withEachBit(filesOf(disk).filter((path) => !/index$|\.(log|snapshot|checkpoint)$/.test(path)), (path) => {
      if (verify().length === 0) missed.set(path, (missed.get(path) ?? 0) + 1);
    });
    replaceFile(disk, path, marker);
    assert.deepEqual(Object.fromEntries(missed), {
      [`${DATA}/recovery-point-offset-checkpoint`]: 8,
      [`${DATA}/replication-offset-checkpoint`]: 14,
      [`${JOURNAL}/leader-epoch-checkpoint`]: 3,
      [`${DATA}/orders-0/leader-epoch-checkpoint`]: 2,
    });
  });

  it("changes neither metadata nor committed offsets: they are right, or not served", () => {
    const paths = filesOf(disk).filter((path) => path.includes("/__"));
    let refusedCount = 0;
    withEachBit(paths, (_, where) => {
      const { coordinator, output } = openCoordinatorOn(
        copyOf(disk),
        stopped.recoveryPoint,
        stopped.groupLogs,
      );
      if (coordinator === null || output.kind === "refused") {
        refusedCount++;
        return;
      }
      assert.deepEqual(output.image, image, where);
      const offset = committed(coordinator);
      if (offset === null) refusedCount++;
      else assert.equal(offset, 14, where);
    });
    assert.ok(refusedCount > 0, "some bits matter");
  });

  it("in partition.metadata is mended, and the partition is not taken for another topic's", () => {
    const path = `${DATA}/orders-0/partition.metadata`;
    withEachBit([path], (_, where) => {
      const copy = copyOf(disk);
      assert.deepEqual(clearLeftovers(copy, DATA, image), [], where);
      const { report, values } = openOrders(copy);
      assert.deepEqual(report, [`Mended "${path}": one bit of it was wrong`], where);
      assert.equal(values.size, 9, where);
      assert.deepEqual(openOrders(copy).report, [], where);
    });
  });

  it("in a checkpoint leaves every record that is served right, and removes none", () => {
    const written = openOrders(copyOf(disk), { logStartOffset: 0 }).values;
    assert.equal(written.size, 18);
    const names = ["recovery-point-offset-checkpoint", "log-start-offset-checkpoint"];
    withEachBit(names.map((name) => `${DATA}/${name}`), (_, where) => {
      for (const clean of [true, false]) {
        const copy = copyOf(disk);
        const known = new Checkpoints(openDataDirectory(DATA, copy), clean, () => {}).of("orders", 0);
        const { values } = openOrders(copy, known);
        for (const [offset, value] of values) assert.equal(value, written.get(offset), where);
        const { values: later } = openOrders(copy, { ...known, logStartOffset: 0 });
        assert.ok([...written].every(([offset, value]) => later.get(offset) === value), where);
      }
    });
  });

  it("that puts a log's start above its end sets its records aside, to the byte", () => {
    const names = disk.list(`${DATA}/orders-0`).map(({ name }) => name).filter((name) =>
      name.endsWith(".log")
    );
    const copy = copyOf(disk);
    const { report } = openOrders(copy, { clean: false, logStartOffset: 1_000 });
    assert.match(
      report.at(-1)!,
      /Log start offset "1000" .* is above its end "18"; .* kept as \.log\.aside$/,
    );
    for (const name of names) {
      const path = `${DATA}/orders-0/${name}`;
      assert.deepEqual(readWhole(copy, `${path}.aside`), readWhole(disk, path));
    }
    const inside = copy.list(`${DATA}/orders-0`).map(({ name }) => name);
    assert.deepEqual(inside.filter((name) => name.endsWith(".log")), ["00000000000000001000.log"]);
  });

  it("leaves another topic's directory alone, however little the ids differ", () => {
    const copy = copyOf(disk);
    const path = `${DATA}/orders-0/partition.metadata`;
    const file = copy.open(path, "write");
    const bytes = file.view(0, file.size).slice();
    bytes[bytes.length - 1]! ^= 3;
    bytes[bytes.length - 2]! ^= 1;
    file.write(0, bytes);
    file.close();
    assert.throws(() => openOrders(copy), (error) => error instanceof LogError);
    assert.equal(clearLeftovers(copy, DATA, image).length, 1);
  });
});

/** Opens orders-0, after the clean stop or with what is `known` otherwise, and reads all of it. */
function openOrders(disk: Disk, known: Partial<LogOpenOptions> = {}) {
  const options = optionsAfter(image, { recoveryPoint: 18, logStartOffset: LOG_START, ...known });
  const { log, report } = openLog(disk, `${DATA}/orders-0`, options);
  const values = readAll(log);
  log.close();
  return { report, values };
}
