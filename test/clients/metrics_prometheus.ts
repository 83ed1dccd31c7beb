/** A real Prometheus on a free port, with its data in a directory of its own, as tests start and ask it. */

/** True where the program is installed. */
export function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Runs a program with `input`; gives its status and all it printed. */
export async function runTool(
  program: string,
  args: readonly string[],
  input = "",
): Promise<{ code: number; printed: string }> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, printed: decoder.decode(stdout) + decoder.decode(stderr) };
}

interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}

/** A series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: Deno.ChildProcess, folder: string) {
    this.#url = `http://127.0.0.1:${port}/api/v1`;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts one that scrapes `target` every second, as the job "weir", and evaluates `rules`. */
  static async start(target: string, rules: string): Promise<Prometheus> {
    const folder = await Deno.makeTempDir({ prefix: "weir-prometheus-" });
    const port = freePort();
    await Deno.writeTextFile(`${folder}/prometheus.yml`, configOf(target, rules));
    const args = [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ];
    const child = new Deno.Command("prometheus", { args, stdout: "null", stderr: "null" }).spawn();
    return new Prometheus(port, child, folder);
  }

  /** The series of an instant query. Throws what Prometheus says is wrong with it. */
  async query(expression: string): Promise<readonly Series[]> {
    const query = new URLSearchParams({ query: expression });
    return (await this.#ask<{ result: readonly Series[] }>(`/query?${query}`)).result;
  }

  /** The health of each target, with the last error of a scrape. */
  async targets(): Promise<readonly { readonly health: string; readonly lastError: string }[]> {
    return (await this.#ask<{ activeTargets: { health: string; lastError: string }[] }>("/targets"))
      .activeTargets;
  }

  /** Every alerting rule. */
  async rules(): Promise<
    readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
  > {
    type Rules = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    return (await this.#ask<Rules>("/rules")).groups.flatMap(({ rules }) => rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #ask<Data>(path: string): Promise<Data> {
    const response = await fetch(`${this.#url}${path}`);
    const { status, error, data } = await response.json() as Answer<Data>;
    if (status !== "success") throw new Error(error);
    return data;
  }
}

function configOf(target: string, rules: string): string {
  return [
    "global: { scrape_interval: 1s, evaluation_interval: 1s }",
    `rule_files: ["${rules}"]`,
    "scrape_configs:",
    "  - job_name: weir",
    `    static_configs: [{ targets: ["${target}"] }]`,
  ].join("\n");
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
