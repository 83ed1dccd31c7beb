import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { openDisk } from "../../../src/storage/mod.ts";
import { diskCases, onFiles, underTest } from "./disk_cases.ts";
import { bytes, pattern, sameBytes } from "./expect.ts";

const { disk: mapped, notice } = openDisk("mapped");

it("openDisk: gives what was asked for, and a reason where mapping isn't possible", () => {
  assert.equal(mapped.kind, notice === null ? "mapped" : "file");
  assert.equal(openDisk("auto").disk.kind, mapped.kind);
  assert.deepEqual(openDisk("file").disk.kind, "file");
  if (notice !== null) assert.match(notice, /^Files are read without memory mapping: ./);
});

it("openDisk: falls back to files without --allow-ffi, says so, and never prompts", async () => {
  const module = new URL("../../../src/storage/mod.ts", import.meta.url).href;
  const code = `import { openDisk } from "${module}"; const { disk, notice } = openDisk("auto");
    console.log(disk.kind + "|" + notice);`;
  const path = Deno.makeTempFileSync({ suffix: ".ts" });
  Deno.writeTextFileSync(path, code);
  try {
    const args = ["run", "--quiet", "--no-check", "--allow-read", "--config", configPath(), path];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    const said = new TextDecoder().decode(stdout).trim();
    assert.match(said, /^file\|Files are read without memory mapping: /, new TextDecoder().decode(stderr));
  } finally {
    Deno.removeSync(path);
  }
});

function configPath(): string {
  return decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname);
}

if (notice === null) {
  diskCases("MappedDisk", () => onFiles(mapped));

  it("MappedDisk: a second view near the same place shows the file itself, growth included", () =>
    underTest(onFiles(mapped), (disk, root) => {
      const file = disk.open(`${root}/a`, "create");
      file.write(0, pattern(10_000));
      file.view(0, 10);
      const view = file.view(0, 10_000);
      assert.ok(file.view(0, 10_000).buffer === view.buffer);
      file.write(9_999, bytes(1, 2, 3));
      assert.ok(file.view(9_998, 4).buffer === view.buffer || Deno.build.os !== "linux");
      sameBytes(file.view(9_999, 3), bytes(1, 2, 3));
      for (let round = 0; round < 30; round++) file.write(file.size, pattern(100_000, round));
      sameBytes(file.view(file.size - 100_000, 100_000), pattern(100_000, 29));
      file.close();
    }));

  it("MappedDisk: a view kept too long, over truncate and close, reads zeros and kills nobody", () =>
    underTest(onFiles(mapped), (disk, root) => {
      const file = disk.open(`${root}/a`, "create");
      file.write(0, pattern(500_000, 1));
      file.view(0, 10);
      const kept = file.view(0, 50_000);
      sameBytes(kept, pattern(50_000, 1));
      file.truncate(1);
      assert.ok(kept.every((byte) => byte === 0));
      sameBytes(file.view(0, 1), pattern(1, 1));
      file.view(0, 1);
      const last = file.view(0, 1);
      file.close();
      assert.equal(last[0], 0);
    }));

  it("MappedDisk: more files and windows than may be mapped are read right", () =>
    underTest(onFiles(mapped), (disk, root) => {
      const files = Array.from({ length: 150 }, (_, index) => {
        const file = disk.open(`${root}/${index}`, "create");
        file.write(0, pattern(20_000, index));
        return file;
      });
      for (let round = 0; round < 3; round++) {
        files.forEach((file, index) => {
          for (let again = 0; again < 3; again++) {
            sameBytes(file.view(100, 5_000), pattern(20_000, index).subarray(100, 5_100));
          }
        });
      }
      const content = pattern(70 * 1_048_576 + 3);
      const big = disk.open(`${root}/big`, "create");
      big.write(0, content);
      for (let at = 0; at + 5_000 < content.length; at += 500_000) {
        for (let again = 0; again < 2; again++) {
          sameBytes(big.view(at, 5_000), content.subarray(at, at + 5_000));
        }
      }
      files.forEach((file, index) => sameBytes(file.view(0, 50), pattern(50, index)));
      for (const file of [...files, big]) file.close();
    }));
} else {
  it.ignore(`MappedDisk: the suite is skipped: ${notice}`, () => {});
}
