/** Paths of the Disk port: names joined by `/`. Called by the implementations and by `replace_file`. */

/** The names along a path; empty ones and "." mean nothing, so "/a//b/." is "a", "b". */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** The directory that holds what `path` names: "data/a" is in "data", "a" in ".", "/a" in "/". */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}
