/** deno.json and deno.jsr.json agree but for where @std comes from; packages are pinned, and all in use. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import jsr from "../../deno.jsr.json" with { type: "json" };
import { listSources, ROOT } from "./graph.ts";

function isStandard(name: string): boolean {
  return name.startsWith("@std/");
}

describe("deno.json", () => {
  const packages = Object.entries(config.imports).filter(([, target]) => target.includes(":"));

  it("imports name exact versions", () => {
    assert.ok(packages.length > 0);
    for (const [name, target] of packages) assert.match(target, /^npm:.+@\d+\.\d+\.\d+$/, name);
  });

  it("imports are all used by some file", () => {
    const texts = listSources().map((path) => Deno.readTextFileSync(ROOT + path));
    // Types of Node are read by the checker, not imported.
    const names = Object.keys(config.imports).filter((name) => !name.startsWith("@types/"));
    const unused = names.filter((name) => !texts.some((text) => text.includes(`"${name}`)));
    assert.deepEqual(unused, []);
  });

  it("packages are those the lock was made from, no more and no fewer", () => {
    const lock: { workspace: { dependencies: string[] } } = JSON.parse(
      Deno.readTextFileSync(`${ROOT}deno.lock`),
    );
    assert.deepEqual(packages.map(([, target]) => target).toSorted(), lock.workspace.dependencies.toSorted());
  });
});

describe("deno.jsr.json", () => {
  it("maps @std to exact versions of the real packages, and everything else alike", () => {
    assert.deepEqual(Object.keys(jsr.imports), Object.keys(config.imports));
    const ours: Record<string, string> = config.imports;
    for (const [name, target] of Object.entries(jsr.imports)) {
      if (!isStandard(name)) assert.equal(target, ours[name]);
      else assert.match(target, new RegExp(`^jsr:${name.replace(/^(@std\/\w+)/, "$1@\\d+\\.\\d+\\.\\d+")}$`));
    }
  });

  it("has the same settings", () => {
    const { lock: _lock, exclude: _exclude, imports: _imports, ...settings } = jsr;
    const ours: Record<string, unknown> = config;
    for (const [name, value] of Object.entries(settings)) assert.deepEqual(value, ours[name], name);
  });
});
