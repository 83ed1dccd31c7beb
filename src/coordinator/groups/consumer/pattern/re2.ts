/**
 * RE2's regular expressions, by re2js, which runs them in time linear in the text.
 * Nothing imports this file but who loads it when it is wanted: the coordinator's
 * worker, and tests. Pattern and machine are bounded, so no pattern can hold up
 * the coordinator.
 */
import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { TopicPattern } from "./pattern.ts";
import { weigh } from "./weight.ts";

const LENGTH_MAX = 1_000;
const WEIGHT_MAX = 2_000;

/** A {@linkcode CompilePattern}. */
export function compilePattern(pattern: string): TopicPattern | string {
  if (pattern.length > LENGTH_MAX) {
    return `Pattern of "${pattern.length}" characters is too long, at most ${LENGTH_MAX} are wanted`;
  }
  const weight = weigh(pattern);
  if (weight > WEIGHT_MAX) {
    return `Pattern "${pattern}" repeats too much, it comes to "${weight}" characters written out, at most ${WEIGHT_MAX} are wanted`;
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (name) => compiled.testExact(name);
  } catch (error) {
    // Whatever it throws: a pattern must not end the coordinator.
    return `Pattern "${pattern}" must be a regular expression in RE2's syntax: ${wordsOf(error)}`;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) return error instanceof Error ? error.message : `${error}`;
  return error.input === null ? error.error : `${error.error} at "${error.input}"`;
}
