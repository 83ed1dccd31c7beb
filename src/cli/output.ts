/**
 * Standard output and standard error of a command. Data goes through `take` and
 * `bytes`, which collect up to 64 KiB, and `flush`; words go to `note`, at once.
 * Writes wait for a slow reader without stopping the event loop, so Ctrl-C works
 * in front of `| less`. A reader that closes its end (`weir consume ... | head`)
 * is no failure: a flush throws {@linkcode OutputClosed}, the command ends with 0.
 */

/** Where data leaves the process: Deno's standard output in earnest, an array in tests. */
export interface DataSink {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

/** Where words leave the process: Deno's standard error in earnest. */
export interface WordSink {
  writeSync(bytes: Uint8Array): number;
}

/** The reader of standard output has gone. */
export class OutputClosed extends Error {
  override name = "OutputClosed";
}

const BUFFER_BYTES = 65_536;

/** The two output streams. One writer at a time. */
export class Output {
  readonly #data: DataSink;
  readonly #words: WordSink;
  readonly #encoder = new TextEncoder();
  #filling = new Uint8Array(BUFFER_BYTES);
  #spare = new Uint8Array(BUFFER_BYTES);
  #used = 0;
  #sending: Promise<void> | null = null;

  constructor(data: DataSink, words: WordSink) {
    this.#data = data;
    this.#words = words;
  }

  /** Writes text to standard output, after everything that is buffered. */
  async write(text: string): Promise<void> {
    await this.flush();
    await this.#send(this.#encoder.encode(text));
  }

  /** Copies `bytes` into the buffer; false, taking nothing, when they do not fit: then `bytes` writes them. */
  take(bytes: Uint8Array): boolean {
    if (bytes.length > BUFFER_BYTES - this.#used) return false;
    this.#filling.set(bytes, this.#used);
    this.#used += bytes.length;
    return true;
  }

  /** Writes `bytes` after everything that is buffered, through the buffer where they fit. */
  async bytes(bytes: Uint8Array): Promise<void> {
    if (this.take(bytes)) return;
    await this.flush();
    if (!this.take(bytes)) await this.#send(bytes);
  }

  /** Like `bytes`, for text out of a callback that cannot wait: a slow reader stops the event loop. */
  textSync(text: string): void {
    const bytes = this.#encoder.encode(text);
    if (this.take(bytes)) return;
    const used = this.#used;
    this.#used = 0;
    this.#sendSync(this.#filling.subarray(0, used));
    if (!this.take(bytes)) this.#sendSync(bytes);
  }

  /** Sends what is buffered; resolves when the reader has taken it. */
  async flush(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
    if (this.#used === 0) return;
    const full = this.#filling.subarray(0, this.#used);
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#used = 0;
    this.#sending = this.#send(full).finally(() => this.#sending = null);
    await this.#sending;
  }

  /** Prints a line of words on standard error. */
  note(text: string): void {
    this.words(`${text}\n`);
  }

  /** Prints `text` on standard error as it is. One that is closed, or a file on a full disk, has nobody to be told. */
  words(text: string): void {
    const bytes = this.#encoder.encode(text);
    let sent = 0;
    try {
      while (sent < bytes.length) sent += this.#words.writeSync(bytes.subarray(sent));
    } catch {
      // What the words are about goes on.
    }
  }

  #sendSync(bytes: Uint8Array): void {
    let sent = 0;
    try {
      while (sent < bytes.length) sent += this.#data.writeSync(bytes.subarray(sent));
    } catch (error) {
      throw isClosed(error) ? new OutputClosed("Standard output was closed") : error;
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    let sent = 0;
    try {
      while (sent < bytes.length) sent += await this.#data.write(bytes.subarray(sent));
    } catch (error) {
      throw isClosed(error) ? new OutputClosed("Standard output was closed") : error;
    }
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}

/** The streams of this process. */
export function processOutput(): Output {
  return new Output(Deno.stdout, Deno.stderr);
}

/** True when a person reads standard output. */
export function isShown(): boolean {
  return Deno.stdout.isTerminal();
}

/** True when a person watches standard error. */
export function isWatched(): boolean {
  return Deno.stderr.isTerminal();
}

/** Characters a line of the terminal has that shows standard output; no bound where it is no terminal. */
export function terminalWidth(): number {
  return isShown() ? Deno.consoleSize().columns : Infinity;
}
