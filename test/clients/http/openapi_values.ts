/** Values made from an OpenAPI document's schemas: such as fit them, and such as nobody would send. */
import fc, { type Arbitrary } from "fast-check";

// deno-lint-ignore no-explicit-any -- a document of any shape
export type Json = any;

/** Values that fit a schema, for the keywords the document uses. */
export function valueOf(schema: Json, document: Json): Arbitrary<Json> {
  if (schema.$ref !== undefined) {
    return valueOf(document.components.schemas[schema.$ref.split("/").at(-1)], document);
  }
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one: Json) => valueOf(one, document)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type: string) => valueOf({ ...schema, type }, document)));
  }
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return integerOf(schema);
    case "string":
      return textOf(schema);
    case "array":
      return fc.array(valueOf(schema.items, document), { maxLength: 4 });
    case "object":
      return objectOf(schema, document);
    default:
      return fc.jsonValue();
  }
}

/** Mostly small: a topic of two thousand million partitions is refused, one of a thousand only takes long. */
function integerOf({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Json) {
  const inRange = (value: number) => Math.min(Math.max(value, minimum), maximum);
  return fc.oneof(
    fc.integer({ min: -2, max: 5 }).map(inRange),
    fc.constantFrom(minimum, maximum),
    fc.maxSafeInteger().map((value) => inRange(value * 1_000)).filter(Number.isSafeInteger),
  );
}

function textOf({ pattern, format, maxLength = 300 }: Json): Arbitrary<string> {
  if (pattern !== undefined) {
    return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength);
  }
  if (format === "byte") return fc.base64String({ maxLength: 40 });
  if (format === "date-time") {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01T00:00:00Z") })
      .map((date) => date.toISOString());
  }
  const names = fc.constantFrom(
    "orders",
    "retention.ms",
    "cleanup.policy",
    "1000",
    "compact",
    "__proto__",
    "constructor",
  );
  return fc.oneof(
    { weight: 2, arbitrary: names },
    fc.string({ maxLength }),
    fc.string({ maxLength: 20, unit: "binary" }),
  );
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: Json,
  document: Json,
): Arbitrary<Json> {
  if (additionalProperties !== undefined) {
    return fc.dictionary(fc.constantFrom("0", "1", "-1", "x"), valueOf(additionalProperties, document));
  }
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, document)]),
  );
  return fc.record(members, { requiredKeys: required });
}

/** Text that stands where a number, a name or a word is wanted. */
export function oddText(): Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.integer().map(String),
    fc.double().map(String),
    fc.constantFrom(
      ...["", " ", "-0", "+1", "1e3", "1e400", "0x10", "007", "NaN", "Infinity", "null", "true", "[]", "{}"],
      ...[
        "9007199254740993",
        "99999999999999999999",
        "__proto__",
        "constructor",
        "*",
        "\0",
        "\n",
        "a/b",
        "a:b",
      ],
      ...[
        "\ud800",
        "\ufeff",
        "\u202e",
        "é",
        "e\u0301",
        "💣",
        "'; drop",
        "<script>",
        "%",
        "%25",
        "x".repeat(5_000),
      ],
    ),
  );
}

/** JSON as text, some of it as no program writes it. */
export function oddJson(fitting: Arbitrary<Json>): Arbitrary<string> {
  const texts = fitting.map((value) => JSON.stringify(value));
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fitting, oddValue()).map(([value, odd]) => JSON.stringify(spoil(value, odd))),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(texts, fc.constantFrom(...LITERALS)).map(([text, odd]) => swap(text, odd)),
    },
    fc.tuple(texts, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    fc.tuple(texts, texts).map(([one, other]) => `${one} ${other}`),
    texts.map((text) => `\ufeff${text}`),
    texts.map((text) => `[${text}]`),
    fc.json(),
    fc.string(),
    fc.constantFrom(
      "",
      " ",
      "null",
      "NaN",
      "{",
      "[".repeat(3_000),
      `{"a":${"[".repeat(3_000)}${"]".repeat(3_000)}}`,
    ),
  );
}

/** What may stand in place of a value in JSON's text. */
const LITERALS = [
  ...["1e400", "-1e400", "-0", "1E2", "0.1e1", "12345678901234567890", "1.0000000000000000001", "NaN", "01"],
  ...['"\\ud800"', '"\\u0000"', '{"a":1,"a":2}', '{"__proto__":{"a":1}}', "[[[[]]]]", "undefined", "'a'"],
];

/** Another value where the text's first one stood. */
function swap(text: string, literal: string): string {
  return text.replace(/:("(?:[^"\\]|\\.)*"|[-\w.]+)/, () => `:${literal}`);
}

function oddValue(): Arbitrary<Json> {
  return fc.oneof(
    fc.jsonValue(),
    fc.constantFrom({}, [], [[]], "", 0, -1, 1.5, 2 ** 31, 2 ** 53, true, null),
  );
}

/** One member of an object, or the whole, replaced by something odd. */
function spoil(value: Json, odd: Json): Json {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return keys.length === 0 ? odd : { ...value, [keys[0]!]: odd };
}
