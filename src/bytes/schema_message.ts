/**
 * The TypeScript types of messages, derived from their tables: a table declared
 * `as const satisfies Schema` is the only place where its fields are named. A
 * field that may be `null` in some version may be `null` here.
 */
import type { SchemaField } from "./schema.ts";

interface Primitives {
  bool: boolean;
  int8: number;
  int16: number;
  uint16: number;
  int32: number;
  uint32: number;
  int64: number;
  float64: number;
  /** 22 characters of base64url. */
  uuid: string;
  string: string;
  bytes: Uint8Array;
  records: Uint8Array;
}

type Fields = readonly SchemaField[];
type Inner<Field> = Field extends { readonly fields: infer Table extends Fields } ? Table : never;
type Nullable<Field> = Field extends { readonly nullableVersions: string } ? null : never;

type ReadElement<Type, Field> = Type extends keyof Primitives ? Primitives[Type] : ReadFields<Inner<Field>>;
type ReadValue<Field extends SchemaField> =
  | (Field["type"] extends `[]${infer Element}` ? readonly ReadElement<Element, Field>[]
    : ReadElement<Field["type"], Field>)
  | Nullable<Field>;
type ReadFields<Table extends Fields> = {
  readonly [Field in Table[number] as Field["name"]]: ReadValue<Field>;
};

type WriteElement<Type, Field> = Type extends keyof Primitives ? Primitives[Type] : WriteFields<Inner<Field>>;
type WriteValue<Field extends SchemaField> =
  | (Field["type"] extends `[]${infer Element}` ? readonly WriteElement<Element, Field>[]
    : WriteElement<Field["type"], Field>)
  | Nullable<Field>;
type WriteFields<Table extends Fields> = {
  readonly [Field in Table[number] as Field["name"]]?: WriteValue<Field>;
};

/** A message as a codec reads it: every field is there. */
export type MessageOf<Table extends { readonly fields: Fields }> = ReadFields<Table["fields"]>;

/** A message as a codec writes it: a field left out is written as its default. */
export type DraftOf<Table extends { readonly fields: Fields }> = WriteFields<Table["fields"]>;
