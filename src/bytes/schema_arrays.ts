/**
 * Arrays of a schema's fields, and how many elements a message may have in all of
 * them: two bytes can be one, and an element is an object, so bytes alone bound
 * nothing. Called by `schema.ts`.
 */
import { DecodeError } from "./decode_error.ts";
import type { FieldCodec } from "./schema_types.ts";

const ELEMENTS_MAX = 1_000_000;

/** Elements that the message being read may still have. */
export class Budget {
  #left = ELEMENTS_MAX;

  /** Another message begins. */
  refill(): void {
    this.#left = ELEMENTS_MAX;
  }

  /** Throws {@linkcode DecodeError} when there are too many. */
  spend(count: number): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw new DecodeError(`Arrays of the message have more than "${ELEMENTS_MAX}" elements`);
  }
}

/** An array as one version has it. */
interface ArrayShape {
  readonly name: string;
  readonly isCompact: boolean;
  readonly isNullable: boolean;
}

/** The codec of an array of what `element` reads and writes. */
export function arrayCodec(
  { name, isCompact, isNullable }: ArrayShape,
  element: FieldCodec,
  budget: Budget,
): FieldCodec {
  return {
    read(reader) {
      const count = isCompact ? reader.readCompactArrayCount() : reader.readArrayCount();
      if (count === -1 && isNullable) return null;
      if (count === -1) throw new DecodeError(`Array "${name}" is null, which this version does not allow`);
      budget.spend(count);
      const values: unknown[] = [];
      for (let index = 0; index < count; index++) values.push(element.read(reader));
      return values;
    },
    write(writer, value) {
      if (value === null && !isNullable) {
        throw new RangeError(`Array "${name}" is null, which this version does not allow`);
      }
      const values = value as readonly unknown[] | null;
      const count = values === null ? -1 : values.length;
      if (isCompact) writer.writeCompactArrayCount(count);
      else writer.writeArrayCount(count);
      for (let index = 0; index < count; index++) element.write(writer, values![index]);
    },
  };
}
