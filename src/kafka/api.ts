/**
 * What an API of the Kafka door is: its messages' tables, the versions it serves,
 * and what it does with a request. One file in `apis/` each, `registry.ts` lists
 * them. An API decodes nothing itself: it gets a request as an object and answers
 * with one, typed by the tables. It calls exactly one of `answer`, `stayQuiet`
 * and `hangUp` for each request, at once or later.
 */
import type { DraftOf, Message, MessageOf, Schema } from "../bytes/mod.ts";
import type { Image, Lease, Submit } from "../model/mod.ts";
import type { FetchSessions } from "./fetch_sessions.ts";

/** Where this client reaches the one broker there is. */
export interface Endpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** What APIs know of the broker. */
export interface KafkaBroker {
  readonly clusterId: string;
  readonly submit: Submit;
  image(): Image;
  /** Where the metadata log ends. */
  metadataOffset(): number;
  /** The data directory, as an absolute path. */
  readonly logDirectory: string;
  readonly fetchBytesMax: number;
  readonly sessions: FetchSessions;
  nowMs(): number;
}

/** One request, on its way to an answer. */
export interface Call<Response> {
  readonly version: number;
  readonly clientId: string | null;
  /** Where the client comes from, as Kafka shows it: "/127.0.0.1". */
  readonly clientHost: string;
  readonly broker: KafkaBroker;
  readonly endpoint: Endpoint;
  /** How many bytes the answer may have, once that is known: counts against what may be in flight. */
  weigh(bytesMax: number): void;
  /** Answers; `lease` is released when record bytes in the answer were written. */
  answer(response: Response, lease?: Lease | null): void;
  /** Answers nothing, once the work is done: acks=0. */
  stayQuiet(): void;
  /** Closes the connection: what Kafka does where there is no way to say what is wrong. */
  hangUp(): void;
}

/** An API with its types gone, as the door holds it. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly request: Schema;
  readonly response: Schema;
  /** Lowest and highest version that is served. */
  readonly versions: readonly [lowest: number, highest: number];
  /** Lowest version that is advertised, where clients want to see one that is refused. */
  readonly lowestAdvertised: number;
  serve(request: Message, call: Call<Message>): void;
}

interface ApiDefinition<Request extends Schema, Response extends Schema> {
  readonly key: number;
  readonly request: Request;
  readonly response: Response;
  readonly versions: readonly [lowest: number, highest: number];
  readonly lowestAdvertised?: number;
  serve(request: MessageOf<Request>, call: Call<DraftOf<Response>>): void;
}

/** Makes an API of its typed definition. */
export function defineApi<const Request extends Schema, const Response extends Schema>(
  definition: ApiDefinition<Request, Response>,
): Api {
  const { key, request, response, versions, serve } = definition;
  return {
    key,
    name: request.name.slice(0, -"Request".length),
    request,
    response,
    versions,
    lowestAdvertised: definition.lowestAdvertised ?? versions[0],
    // The tables that gave these types also read and write the messages.
    serve: serve as unknown as Api["serve"],
  };
}
