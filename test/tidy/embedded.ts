/**
 * Reads the list of embedded files that `deno compile` prints, a tree such as
 *
 *     weir
 *     ├─┬ .deno_compile_node_modules (1.94MB)
 *     │ └─┬ localhost (1.94MB)
 *     │   └── msgpackr/2.1.0/* (1.82MB)
 *     ├── main.ts (650B)
 *     └── workers/* (170B)
 *
 * where a star stands for all files of a folder.
 */

const NODE = /^((?:│ | {2})*)[├└]─[─┬] (.+?)(?: \([\d.]+ ?[KMG]?B\b.*\))?$/;

/** Full paths of the leaves of the tree, folders with all their files as `folder/*`. */
export function embeddedPaths(printed: string): string[] {
  const paths: string[] = [];
  const above: string[] = [];
  for (const line of printed.split("\n")) {
    const [, indent, name] = NODE.exec(line) ?? [];
    if (indent === undefined || name === undefined) continue;
    above.length = indent.length / 2;
    above.push(name);
    if (!line.includes("─┬ ")) paths.push(above.join("/"));
  }
  return paths;
}

/** True when the file itself is in the list, or one of its folders with all it has. */
export function isEmbedded(paths: readonly string[], file: string): boolean {
  return paths.some((path) => path === file || (path.endsWith("/*") && file.startsWith(path.slice(0, -1))));
}
