/** Finds what lies about at the top of the repository: the list of the house is fixed. Pure. */

const TOP_LEVEL = new Set([
  ".ci",
  ".git",
  ".gitignore",
  "LICENSE",
  "README.md",
  "bench",
  "deploy",
  "deno.json",
  "deno.jsr.json",
  "deno.lock",
  "main.ts",
  "src",
  "test",
  "workers",
]);

/** Names of the top level that neither belong there nor are ignored by the text of `.gitignore`. */
export function findStrays(names: readonly string[], ignored: string): string[] {
  const patterns = ignored.split("\n").map((line) => line.trim().replace(/^\/|\/$/g, "")).filter(Boolean);
  const isIgnored = (name: string) =>
    patterns.some((pattern) => pattern.startsWith("*") ? name.endsWith(pattern.slice(1)) : name === pattern);
  return names.filter((name) => !TOP_LEVEL.has(name) && !isIgnored(name))
    .map((name) => `"${name}" has no place at the top level: put it where it belongs, or into .gitignore`);
}
