/** Small checks that every option of the client goes through. */
import { WeirError } from "./error.ts";

/** `value`, or `fallback` when it is absent; throws INVALID_ARGUMENT unless it is a number of at least `minimum`. */
export function numberOption(
  name: string,
  value: number | undefined,
  fallback: number,
  minimum: number,
): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && value >= minimum) return value;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Option ${name} "${value}" must be a number of at least ${minimum}`,
  );
}

/** `value`, or the first of `allowed` when it is absent; throws INVALID_ARGUMENT unless it is one of them. */
export function choiceOption<Choice>(
  name: string,
  value: Choice | undefined,
  allowed: readonly Choice[],
): Choice {
  if (value === undefined) return allowed[0]!;
  if (allowed.includes(value)) return value;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Option ${name} "${String(value)}" must be one of ${allowed.join(", ")}`,
  );
}
