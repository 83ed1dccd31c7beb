/**
 * The word a person probably meant: the nearest of the known ones, by the
 * number of letters that differ. What the errors for an unknown setting, command
 * or option suggest; called only on the way to an error.
 */

/**
 * The candidate nearest to `word`, or `null` when none is near enough to be worth naming
 * (more than a third of the word's letters would have to change, at least two).
 *
 * @example
 * ```ts
 * nearest("prodcue", ["produce", "consume"]); // "produce"
 * ```
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = isLongPrefix(word, candidate) ? 1 : editDistance(word, candidate);
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function isLongPrefix(word: string, candidate: string): boolean {
  return word.length >= 3 && candidate.startsWith(word);
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + change);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, beforePrevious[column - 2]! + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length]!;
}
