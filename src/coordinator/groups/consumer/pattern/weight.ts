/**
 * How large a pattern is when its counted repetitions are written out, which is
 * what a machine for it costs. RE2's own bound lets a pattern of 1,000 characters
 * become a million states, which take half a second to make and minutes to run;
 * so the text is weighed before anybody makes them. Reads tokens, not grammar: a
 * text that is no pattern has some weight too.
 */

/** What is quoted, an escape, a class, a repetition, or one character. */
const TOKENS =
  /\\Q[^]*?(?:\\E|$)|\\[pPx]\{[^}]*\}|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|[^]/g;

/** Characters, choices and parentheses of the text, each as often as it is written out; a machine has twice as many states at most. */
export function weigh(pattern: string): number {
  /** Weights of what stands before each parenthesis that is open. */
  const outside: number[] = [];
  let [before, last] = [0, 0];
  for (const [token, least, comma, most] of pattern.matchAll(TOKENS)) {
    if (token === "(") {
      outside.push(before + last);
      [before, last] = [0, 1];
    } else if (token === ")") {
      [before, last] = [outside.pop() ?? 0, before + last + 1];
    } else if (least !== undefined) {
      last = repeated(last, Number(least), comma === "" ? null : most === "" ? Infinity : Number(most));
    } else {
      [before, last] = [before + last, token.startsWith("\\Q") ? token.length : 1];
    }
  }
  return outside.reduce((sum, weight) => sum + weight, before + last);
}

/** A copy for each time it must come, and a copy with a choice for each time it may. */
function repeated(weight: number, least: number, most: number | null): number {
  if (most === null) return weight * Math.max(least, 1);
  if (most === Infinity) return weight * (least + 1) + 1;
  return (weight + 1) * Math.max(least, most, 1);
}
