/** A Python program beside this file as a process: requests go in and answers come out, a line each. */

/** Debian's, which has Debian's packages. */
export const PYTHON = "/usr/bin/python3";

/** One Python process and the lines it answers. */
export class Program {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #held = "";
  #turn: Promise<unknown> = Promise.resolve();

  constructor(program: string, broker: string) {
    this.#child = new Deno.Command(PYTHON, {
      args: [new URL(program, import.meta.url).pathname, broker],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** One request after another; a failure is thrown with the program's words. */
  ask(operation: string, fields: Record<string, unknown>): Promise<unknown> {
    const turn = this.#turn.then(() => this.#askNow(operation, fields));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async end(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#lines.cancel();
  }

  async #askNow(operation: string, fields: Record<string, unknown>): Promise<unknown> {
    const line = `${JSON.stringify({ operation, ...fields })}\n`;
    await this.#writer.write(new TextEncoder().encode(line));
    const answer = JSON.parse(await this.#line());
    if (answer.failed === undefined) return answer.done;
    throw new Error(answer.failed);
  }

  async #line(): Promise<string> {
    const parts = [this.#held];
    while (!parts.at(-1)!.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("The Python program ended");
      parts.push(value);
    }
    const text = parts.join("");
    const end = text.indexOf("\n");
    this.#held = text.slice(end + 1);
    return text.slice(0, end);
  }
}
