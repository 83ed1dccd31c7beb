/** Finds what nobody uses: files no entry reaches, and exported names no other file imports. Pure. */
import { type Graph, reach } from "./graph.ts";
import type { ExportedName, Source } from "./source.ts";

/** Files of src and workers that cannot be reached from `starts`. */
export function findDeadFiles(graph: Graph, paths: readonly string[], starts: readonly string[]): string[] {
  const reached = reach(graph, starts);
  return paths.filter((path) => /^(src|workers)\//.test(path) && !reached.has(path))
    .map((path) => `"${path}" is reached from no entry point and no test: import it or remove it`);
}

/**
 * Exported names of src that no other file imports. Handing a name on (`export ... from`) is not a use of
 * it, unless the file is one of `open`: a package's exports. A type that stands in the shape of another
 * export of its file may be exported without being imported, so that readers and callers can name it.
 */
export function findDeadExports(
  graph: Graph,
  sources: ReadonlyMap<string, Source>,
  open: readonly string[],
): string[] {
  const used = new Set<string>();
  const mark = (path: string, name: string) => markUse(graph, sources, used, path, name);
  for (const path of open) mark(path, "*");
  for (const [path, source] of sources) {
    for (const { specifier, name } of source.imports) {
      const target = follow(graph, path, specifier);
      if (target !== null) mark(target, name);
    }
  }
  const dead: string[] = [];
  for (const [path, { exports }] of sources) {
    for (const item of isJudged(path) ? exports : []) {
      const { name } = item;
      if (name === "*" || used.has(`${path} ${name}`) || isShape(graph, sources, path, item)) continue;
      dead.push(`"${path}" exports "${name}", which no other file imports: use it or keep it to the file`);
    }
  }
  return dead;
}

/** The stand-ins of src/std keep the names of what they stand in for. */
function isJudged(path: string): boolean {
  return path.startsWith("src/") && !path.startsWith("src/std/");
}

function isShape(
  graph: Graph,
  sources: ReadonlyMap<string, Source>,
  path: string,
  { isShape: here, handedOn }: ExportedName,
): boolean {
  if (handedOn === null) return here;
  const target = follow(graph, path, handedOn.specifier);
  const declared = sources.get(target ?? "")?.exports.find(({ name }) => name === handedOn.name);
  return target !== null && declared !== undefined && isShape(graph, sources, target, declared);
}

function markUse(
  graph: Graph,
  sources: ReadonlyMap<string, Source>,
  used: Set<string>,
  path: string,
  name: string,
): void {
  const key = `${path} ${name}`;
  if (used.has(key)) return;
  used.add(key);
  const exports = sources.get(path)?.exports ?? [];
  const named = exports.filter((item) => item.name === name);
  for (const item of name === "*" ? exports : named.length > 0 ? named : exports.filter(isStar)) {
    const target = item.handedOn && follow(graph, path, item.handedOn.specifier);
    if (name === "*" && item.name !== "*") used.add(`${path} ${item.name}`);
    if (!item.handedOn || target === null) continue;
    markUse(graph, sources, used, target, isStar(item) ? name : item.handedOn.name);
  }
}

function isStar(item: { readonly name: string }): boolean {
  return item.name === "*";
}

function follow(graph: Graph, path: string, specifier: string): string | null {
  return graph.get(path)?.find((edge) => edge.specifier === specifier)?.to ?? null;
}
