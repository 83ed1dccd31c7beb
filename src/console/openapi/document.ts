/** The OpenAPI document, made of the same rows that serve and check the requests. */
import { type Answer, type Route } from "./route.ts";
import { ref, type Schema } from "./schema.ts";

/** A route as it is documented; who serves it does not matter. */
export type Documented = Omit<Route, "serve">;

const ERROR: Answer = {
  description: "It failed; `error_code` is the status, or five digits that begin with it",
  schema: ref("Error"),
};
/** Statuses that any request may be answered with. */
const FAILURES: Readonly<Record<string, Answer>> = { "4XX": ERROR, "5XX": ERROR };

const ABOUT =
  "Weir over HTTP: what Confluent's REST API v3 has in its shapes (also under /kafka/v3), and records " +
  "read and followed. Errors are JSON objects with error_code and message.";

/** The document, OpenAPI 3.1. */
export function openApiDocument(
  version: string,
  routes: readonly Documented[],
  schemas: Readonly<Record<string, Schema>>,
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "Weir",
      version,
      description: ABOUT,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas },
  };
}

function operation(route: Documented): Record<string, unknown> {
  const { tag, summary, method, path, parameters, body, stream } = route;
  const schema = body ?? stream;
  return {
    operationId: `${method}_${path.replaceAll(/[^a-zA-Z0-9]+/g, "_").replaceAll(/^_|_$/g, "")}`,
    tags: [tag],
    summary,
    parameters: parameters.map((parameter) => ({ ...parameter, required: parameter.in === "path" })),
    ...(schema === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema } } } }),
    responses: Object.fromEntries(
      Object.entries<Answer>({ ...route.answers, ...FAILURES }).map((
        [status, answer],
      ) => [status, response(answer)]),
    ),
  };
}

function response({ description, schema, types = ["application/json"] }: Answer): Record<string, unknown> {
  if (schema === undefined) return { description };
  return {
    description,
    content: Object.fromEntries(types.map((type) => [type, { schema: of(type, schema) }])),
  };
}

/** Only JSON has the schema as a whole; lines and events are text to the document. */
function of(type: string, schema: Schema): Schema {
  return type === "application/json" ? schema : { type: "string" };
}
