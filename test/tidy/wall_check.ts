/** Finds imports that go through a wall of the house: pure, over a graph and the table of walls.ts. */
import type { Edge, Graph } from "./graph.ts";
import { roomOf, ROOMS } from "./walls.ts";

/** One sentence for each import that the walls do not allow. */
export function findBreaches(graph: Graph): string[] {
  const breaches: string[] = [];
  for (const [path, edges] of graph) {
    const room = roomOf(path);
    if (room === null) continue;
    if (ROOMS[room] === undefined) {
      breaches.push(`"${path}" lies in no room: add "${room}" to test/tidy/walls.ts`);
    }
    for (const edge of ROOMS[room] === undefined ? [] : edges) {
      const isLost = !edge.to.includes(":") && !graph.has(edge.to);
      const reason = isLost ? "there is no such file" : breachOf(path, room, edge);
      if (reason !== null) breaches.push(`"${path}" imports "${edge.to}": ${reason}`);
    }
  }
  return breaches;
}

function breachOf(path: string, room: string, edge: Edge): string | null {
  if (edge.specifier.startsWith("@std/")) return standardBreach(room, edge.specifier);
  if (edge.to.includes(":")) return packageBreach(room, edge);
  if (isPassage(path, room, edge)) return null;
  const target = roomOf(edge.to);
  if (target === null) return "nothing in the house imports tests, benches or what lies at the top level";
  if (target === room) return null;
  if (target === "std") return "import it by its @std name, the import map leads there";
  if (target === "main" || target.startsWith("workers/")) {
    return `nothing imports ${target}, it is only started`;
  }
  return roomBreach(room, target, edge);
}

function standardBreach(room: string, specifier: string): string | null {
  if (specifier.startsWith("@std/testing")) return "only tests use @std/testing";
  const isFree = specifier.startsWith("@std/bytes/") || !ROOMS[room]?.pure;
  return isFree ? null : `${room} is pure and may use @std/bytes only`;
}

function packageBreach(room: string, { specifier, to }: Edge): string | null {
  if (to.startsWith("node:")) return null;
  if (!to.startsWith("npm:")) return "packages come from npm, by the import map";
  const packages = ROOMS[room]?.packages ?? [];
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  if (packages === "anything" || packages.includes(name)) return null;
  return `${room} may use ${packages.length === 0 ? "no package" : packages.join(", ")}`;
}

function isPassage(path: string, room: string, edge: Edge): boolean {
  const passages = ROOMS[room]?.passages ?? [];
  return passages.some(({ from, to, typeOnly }) =>
    to === edge.to && from.test(path) && (!typeOnly || edge.typeOnly)
  );
}

function roomBreach(room: string, target: string, edge: Edge): string | null {
  const may = ROOMS[room]?.may ?? [];
  if (may !== "anything" && !may.includes(target)) {
    return `${room} may import ${may.length === 0 ? "no other room" : may.join(", ")}`;
  }
  const isDoor = edge.to === `src/${target}.ts` || edge.to === `src/${target}/mod.ts`;
  return isDoor ? null : `rooms are imported through "src/${target}/mod.ts"`;
}
