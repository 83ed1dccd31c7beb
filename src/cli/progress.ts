/**
 * Progress of long work on standard error, on a terminal only: a bar where the
 * whole is known, nothing otherwise. The library is loaded when a bar is shown.
 */
import { isWatched } from "./output.ts";

/** Counts up to the total given at the start. */
export interface Progress {
  advance(amount: number): void;
  /** Takes the bar away, so that words can follow; idempotent. */
  stop(): void;
}

/** Shows nothing. */
export const SILENT: Progress = { advance() {}, stop() {} };

/** Shows a bar from 0 to `total` of `unit` with the words `label` before it; silent without a terminal. */
export async function showProgress(label: string, total: number, unit: string): Promise<Progress> {
  if (!isWatched() || total <= 0) return SILENT;
  const { default: progress } = await import("cli-progress");
  const bar = new progress.SingleBar({
    format: `${label} [{bar}] {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
  });
  bar.start(total, 0);
  return {
    advance: (amount) => bar.increment(amount),
    stop: () => bar.stop(),
  };
}
