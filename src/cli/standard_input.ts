/**
 * Standard input as chunks, until its end or until the command is asked to stop.
 * Shows a progress bar when the input is a file, whose size is known, and a hint
 * when it is a terminal.
 */
import type { Context } from "./command.ts";
import { type Progress, showProgress, SILENT } from "./progress.ts";

/** Standard input, opened. */
export interface StandardInput {
  /** Each chunk is a fresh buffer: it may be kept. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Takes the progress bar away; idempotent. */
  close(): void;
}

const CHUNK_BYTES = 65_536;

/** Standard input as it is, without a word or a bar; ends when `signal` fires. */
export function readStandardInput(signal: AbortSignal): AsyncIterable<Uint8Array> {
  return readChunks(signal, SILENT);
}

/** Opens standard input; its chunks end when `context.signal` fires. */
export async function openStandardInput(context: Context): Promise<StandardInput> {
  if (Deno.stdin.isTerminal()) context.output.note("Type records, one a line; Ctrl-D ends");
  const progress = await showProgress("Producing", fileSize(), "bytes");
  return { chunks: readChunks(context.signal, progress), close: () => progress.stop() };
}

async function* readChunks(signal: AbortSignal, progress: Progress): AsyncGenerator<Uint8Array> {
  let stop = () => {};
  signal.addEventListener("abort", () => stop(), { once: true });
  while (!signal.aborted) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await new Promise<number | null>((resolve, reject) => {
      stop = () => resolve(null);
      Deno.stdin.read(chunk).then(resolve, reject);
    });
    if (count === null) return;
    progress.advance(count);
    yield chunk.subarray(0, count);
  }
}

/** Bytes of the file that standard input is, 0 when it is something else or cannot be asked. */
function fileSize(): number {
  try {
    const stat = Deno.statSync("/dev/stdin");
    return stat.isFile ? stat.size : 0;
  } catch {
    return 0;
  }
}
