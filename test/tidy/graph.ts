/**
 * The real import graph, as `deno info --json` sees it: one run over a list of all files of the tree, so
 * that files nothing imports are in it too. Paths are relative to the repository, packages keep their
 * prefix (`npm:hono@4.13.8`, `node:zlib`, `jsr:...`).
 */
import { existsSync } from "@std/fs/exists";
import { walkSync } from "@std/fs/walk";

export interface Edge {
  /** As written in the import. */
  readonly specifier: string;
  /** Path or package it leads to. */
  readonly to: string;
  /** True for `import type`, which leaves no trace at run time. */
  readonly typeOnly: boolean;
}

/** Every file with what it imports. */
export type Graph = ReadonlyMap<string, readonly Edge[]>;

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly InfoDependency[];
  }[];
}

interface InfoDependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string; readonly error?: string };
  readonly type?: { readonly specifier?: string; readonly error?: string };
}

export const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Folders and files that hold source. */
const PLACES = ["main.ts", "src", "workers", "test", "bench"];

/** Paths of all TypeScript files of the tree, sorted; generated and temporary folders are not looked into. */
export function listSources(): string[] {
  const found: string[] = [];
  for (const place of PLACES.filter((place) => existsSync(ROOT + place))) {
    for (const { path } of walkSync(ROOT + place, { includeDirs: false, exts: [".ts"] })) {
      if (!/\/(node_modules|results)\//.test(path)) found.push(path.slice(ROOT.length));
    }
  }
  return found.toSorted();
}

/** Asks Deno for the graph of `paths`; a file that cannot be read is not in it. */
export async function readGraph(paths: readonly string[]): Promise<Graph> {
  return graphOf(await graphInfo(paths), ROOT);
}

/** The same, in Deno's own words. */
export async function graphInfo(paths: readonly string[]): Promise<Info> {
  const list = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      list,
      paths.map((path) => `import "file://${encodeURI(ROOT + path)}";\n`).join(""),
    );
    const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", list], cwd: ROOT });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(`"deno info" failed: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(list);
  }
}

/** Turns the JSON of `deno info` into a graph of the files under `root`. */
export function graphOf(info: Info, root: string): Graph {
  const graph = new Map<string, Edge[]>();
  for (const module of info.modules) {
    const from = relative(module.specifier, root);
    if (module.error !== undefined || from.includes(":")) continue;
    graph.set(from, (module.dependencies ?? []).map((dependency) => edgeOf(dependency, from, root)));
  }
  return graph;
}

function edgeOf({ specifier, code, type }: InfoDependency, from: string, root: string): Edge {
  const to = code?.specifier ?? type?.specifier;
  if (to === undefined) {
    throw new Error(`"${specifier}" in "${from}" leads nowhere: ${code?.error ?? type?.error}`);
  }
  return { specifier, to: relative(to, root), typeOnly: code === undefined };
}

function relative(specifier: string, root: string): string {
  const base = `file://${encodeURI(root)}`;
  return specifier.startsWith(base) ? decodeURI(specifier.slice(base.length)) : specifier;
}

/** All files one can get to from `starts` by imports, themselves included. */
export function reach(graph: Graph, starts: Iterable<string>): Set<string> {
  const reached = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { to } of graph.get(path) ?? []) open.push(to);
  }
  return reached;
}
