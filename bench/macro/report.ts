/** What a macro benchmark prints: one JSON line a measurement on stdout, the same in words on stderr. */

export type Figures = Readonly<Record<string, string | number>>;

/** Rounds for people: three figures, or whole above a thousand. */
function round(value: string | number): string | number {
  if (typeof value === "string" || !Number.isFinite(value)) return value;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Prints one measurement. */
export function report(name: string, figures: Figures): void {
  const rounded = Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)]));
  console.log(JSON.stringify({ bench: name, ...rounded }));
  const words = Object.entries(rounded).map(([key, value]) => `${key} ${value}`).join("  ");
  console.error(`${name.padEnd(28)} ${words}`);
}

/** The value below which `fraction` of the sorted samples lie. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN;
}
