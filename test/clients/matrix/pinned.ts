/** Versions of the npm clients, as `deno.json` pins them. */

/** The version of an npm package. */
export async function pinnedVersion(name: string): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
  return String(imports[name]).split("@").at(-1)!;
}
