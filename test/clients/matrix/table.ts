/** The matrix's results, as JSON beside this file and as the README's table. */

export interface Results {
  /** Clients in order, with the versions that ran. */
  readonly clients: readonly { readonly name: string; readonly version: string }[];
  readonly rows: readonly {
    readonly name: string;
    /** By client: "yes", or "no: " and the client's own limit. */
    readonly cells: readonly string[];
  }[];
}

const RESULTS = new URL("results.json", import.meta.url);

/** The results of the last `deno task matrix`. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(RESULTS));
}

export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

/** As Markdown that `deno fmt` leaves alone. */
export function tableOf({ clients, rows }: Results): string {
  const head = ["", ...clients.map(({ name, version }) => `${name} ${version}`)];
  const lines = [head, head.map(() => "---"), ...rows.map(({ name, cells }) => [name, ...cells])];
  const table = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return `<!-- deno-fmt-ignore-start -->\n\n${table}\n\n<!-- deno-fmt-ignore-end -->\n`;
}
