/**
 * Numbers and tables for people's eyes: no input, no output. Sizes are binary
 * (KiB = 1,024 bytes); rates, where a command prints them, decimal
 * (MB = 1,000,000 bytes), as disks and networks are quoted.
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes, readable: `0 B`, `34.5 KiB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** A count with thousands parted: `1,000,000`. */
export function formatCount(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 record`, `3,000 records`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds, readable: `0.412 ms`, `87 ms`, `12.3 s`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(3)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** One column: its heading and on which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

/** A table with a heading row, columns two blanks apart, no blanks at line ends. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  return lines.map((line) => formatRow(line, columns, widths)).join("");
}

function formatRow(line: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map((column, index) => {
    const cell = line[index]!;
    return column.align === "right" ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
  });
  return `${cells.join("  ").trimEnd()}\n`;
}
