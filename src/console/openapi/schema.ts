/**
 * JSON Schemas, as the OpenAPI document shows them and as requests are checked by
 * them: a few words to write them with.
 */

/** A JSON Schema of the 2020-12 dialect, as far as draft 7 has it, too. */
export type Schema = Readonly<Record<string, unknown>>;

export const TEXT: Schema = { type: "string" };
export const BOOLEAN: Schema = { type: "boolean" };
export const INTEGER: Schema = { type: "integer" };
export const INT32: Schema = {
  type: "integer",
  format: "int32",
  minimum: -2_147_483_648,
  maximum: 2_147_483_647,
};
export const INT64: Schema = { type: "integer", format: "int64" };

/** The same, or null. */
export function nullable(schema: Schema): Schema {
  return typeof schema.type === "string"
    ? { ...schema, type: [schema.type, "null"] }
    : { anyOf: [schema, { type: "null" }] };
}

/** One of the words. */
export function oneOf(...words: readonly string[]): Schema {
  return { type: "string", enum: words };
}

export function arrayOf(items: Schema): Schema {
  return { type: "array", items };
}

/** An object: what it must have, and what it may have besides. Unknown members are let be. */
export function object(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  const names = Object.keys(required);
  return {
    type: "object",
    properties: { ...required, ...optional },
    ...(names.length === 0 ? {} : { required: names }),
  };
}

/** A schema of the document's components, by its name. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
