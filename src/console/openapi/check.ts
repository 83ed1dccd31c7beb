/**
 * Checks requests by the schemas of their routes: parameters, which come as text
 * and are made what their schema says, and JSON bodies. The checker is loaded
 * with the first request that needs it, each schema compiled at its first use.
 */
import type { ErrorObject, ValidateFunction } from "ajv";
import { RequestError } from "../failure.ts";
import type { Parameter } from "./route.ts";
import type { Schema } from "./schema.ts";

/** Compiles a schema that may refer to components. */
type Compile = (schema: Schema) => ValidateFunction;

/** Compilers: one that makes numbers of text, for parameters, and one that takes values as they are. */
interface Compilers {
  readonly ofText: Compile;
  readonly ofValues: Compile;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Checks by schemas whose references lead into `components`. */
export class Checker {
  readonly #components: Readonly<Record<string, Schema>>;
  readonly #compiled = new Map<unknown, ValidateFunction>();
  #compilers: Promise<Compilers> | null = null;

  constructor(components: Readonly<Record<string, Schema>>) {
    this.#components = components;
  }

  /** The parameters by name, defaults filled in. Throws {@linkcode RequestError}. */
  async parameters(
    parameters: readonly Parameter[],
    given: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = { ...given };
    if (parameters.length === 0) return values;
    const { ofText } = await this.#load();
    const validate = this.#compile(parameters, () => ofText(schemaOf(parameters)));
    if (validate(values)) return values;
    const [error] = validate.errors ?? [];
    const { name, description } = parameters.find(({ name }) => error?.instancePath === `/${name}`) ?? {};
    if (error?.keyword !== "pattern") throw new RequestError(400, wordsOf(error, "Parameter"));
    throw new RequestError(400, `Parameter "${name}" cannot be "${values[name!]}". ${description}`);
  }

  /** Throws {@linkcode RequestError} when `value` does not fit. */
  async value(schema: Schema, value: unknown): Promise<void> {
    const { ofValues } = await this.#load();
    const validate = this.#compile(schema, () => ofValues(schema));
    if (!validate(value)) throw new RequestError(400, wordsOf(validate.errors?.[0], "Field"));
  }

  #compile(key: unknown, compile: () => ValidateFunction): ValidateFunction {
    let validate = this.#compiled.get(key);
    if (validate === undefined) this.#compiled.set(key, validate = compile());
    return validate;
  }

  #load(): Promise<Compilers> {
    return this.#compilers ??= loadCompilers(this.#components);
  }
}

async function loadCompilers(components: Readonly<Record<string, Schema>>): Promise<Compilers> {
  const { Ajv } = await import("ajv");
  const options = {
    allowUnionTypes: true,
    formats: { int32: true, int64: true, byte: BASE64, "date-time": isTime } as const,
  };
  const compilerOf = (ajv: InstanceType<typeof Ajv>): Compile => {
    ajv.addSchema({ $id: "weir:", components: { schemas: components } });
    return (schema) => ajv.compile(absolute(schema) as Record<string, unknown>);
  };
  return {
    ofText: compilerOf(new Ajv({ ...options, strictSchema: false, coerceTypes: true, useDefaults: true })),
    ofValues: compilerOf(new Ajv({ ...options, strictSchema: false })),
  };
}

/** A time that JavaScript reads, written as RFC 3339 has it. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text) &&
    !Number.isNaN(Date.parse(text));
}

/** References of a schema that stands outside the components lead into them. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === "$ref" ? `weir:${value}` : absolute(value)]),
  );
}

function schemaOf(parameters: readonly Parameter[]): Schema {
  return {
    type: "object",
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name),
  };
}

function wordsOf(error: ErrorObject | undefined, what: string): string {
  if (error === undefined) return "The request does not fit its schema";
  const path = error.instancePath.slice(1).replaceAll("/", ".");
  const allowed = error.keyword === "enum"
    ? `: ${error.params.allowedValues.filter((value: unknown) => value !== null).join(", ")}`
    : "";
  return `${path === "" ? "The body" : `${what} "${path}"`} ${error.message}${allowed}`;
}
