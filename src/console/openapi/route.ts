/**
 * A route of the API: one row says how it is asked, how it is documented, how its
 * requests are checked, and who serves it. The table of all rows is what the
 * OpenAPI document is made of, so that neither can say what the other does not.
 */
import { assert } from "../../model/mod.ts";
import type { ConsoleOptions } from "../options.ts";
import type { Peer } from "../peer.ts";
import type { ConsoleView } from "../view.ts";
import type { Schema } from "./schema.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly description: string;
  readonly schema: Schema;
}

/** An answer by its status; JSON unless `type` says otherwise. */
export interface Answer {
  readonly description: string;
  readonly schema?: Schema;
  /** Content types. */
  readonly types?: readonly string[];
}

export interface Route {
  readonly method: Method;
  /** `/v3/clusters/{cluster_id}/topics`; what stands in braces is among the parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** JSON, read whole and checked before the route is served. */
  readonly body?: Schema;
  /** JSON values one after another, which the route reads itself, one by one. */
  readonly stream?: Schema;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly serve: (call: Call) => Response | Promise<Response>;
}

/** A request that fits its route. */
export class Call {
  readonly view: ConsoleView;
  readonly options: ConsoleOptions;
  readonly request: Request;
  readonly peer: Peer;
  /** `http://HOST:PORT`, as the peer knows it: links begin with it. */
  readonly base: string;
  /** Fits the route's schema. */
  readonly body: unknown;
  readonly #parameters: Readonly<Record<string, unknown>>;

  constructor(
    context: Pick<Call, "view" | "options" | "request" | "peer" | "body">,
    parameters: Readonly<Record<string, unknown>>,
  ) {
    this.view = context.view;
    this.options = context.options;
    this.request = context.request;
    this.peer = context.peer;
    this.body = context.body;
    this.base = new URL(context.request.url).origin;
    this.#parameters = parameters;
  }

  /** A parameter that is there and is text. */
  text(name: string): string {
    const value = this.#parameters[name];
    assert(typeof value === "string", "a parameter of type string was checked");
    return value;
  }

  /** A parameter that is there and is a number. */
  integer(name: string): number {
    const value = this.#parameters[name];
    assert(typeof value === "number", "a parameter of type integer was checked");
    return value;
  }

  /** A parameter that is there and is true or false. */
  boolean(name: string): boolean {
    const value = this.#parameters[name];
    assert(typeof value === "boolean", "a parameter of type boolean was checked");
    return value;
  }

  /** True when a parameter was given or has a default. */
  has(name: string): boolean {
    return this.#parameters[name] !== undefined;
  }
}

/** An answer in JSON. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(value, { status, headers });
}
