/**
 * The shapes every answer of REST v3 has: resources with their kind, their links
 * and their cluster, and lists of them. Source: Confluent's REST API, version 3.
 */
import { RequestError } from "../failure.ts";
import type { Call, Parameter } from "../openapi/route.ts";
import { arrayOf, INTEGER, nullable, object, ref, type Schema, TEXT } from "../openapi/schema.ts";

export const CLUSTER = "/v3/clusters/{cluster_id}";

export const CLUSTER_ID: Parameter = inPath(
  "cluster_id",
  TEXT,
  'The cluster\'s id, or "-" for the one asked',
);
export const TOPIC_NAME: Parameter = inPath("topic_name", TEXT, "The topic's name");
export const PARTITION_ID: Parameter = inPath(
  "partition_id",
  { ...INTEGER, minimum: 0, maximum: 2_147_483_647 },
  "The partition's number",
);
export const BROKER_ID: Parameter = inPath("broker_id", INTEGER, "The broker's number");
export const CONFIG_NAME: Parameter = inPath("name", TEXT, "The setting's name");
export const GROUP_ID: Parameter = inPath("consumer_group_id", TEXT, "The consumer group's id");
export const CONSUMER_ID: Parameter = inPath("consumer_id", TEXT, "The member's id");

function inPath(name: string, schema: Schema, description: string): Parameter {
  return { name, in: "path", description, schema };
}

/** Every component that more than one file speaks of. */
export const SHARED_SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: object({ error_code: { type: "integer", format: "int32" }, message: nullable(TEXT) }),
  Relationship: object({ related: TEXT }),
  ResourceMetadata: object({ self: TEXT }, { resource_name: nullable(TEXT) }),
  ResourceCollectionMetadata: object({ self: TEXT }, { next: nullable(TEXT) }),
};

export const RELATIONSHIP: Schema = ref("Relationship");

/** The schema of a resource with its own members. */
export function resourceSchema(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return object({ kind: TEXT, metadata: ref("ResourceMetadata"), cluster_id: TEXT, ...required }, optional);
}

/** The schema of a list of the named resource. */
export function listSchema(name: string): Schema {
  return object({ kind: TEXT, metadata: ref("ResourceCollectionMetadata"), data: arrayOf(ref(name)) });
}

/** An answer's row in the table: the named component. */
export function answers(description: string, name: string) {
  return { description, schema: ref(name) };
}

/** The address of something in the cluster. */
export function url(call: Call, ...path: readonly (string | number)[]): string {
  const { clusterId } = call.view.identity;
  return [call.base, "v3", "clusters", clusterId, ...path.map((part) => encodeURIComponent(part))].join("/");
}

export function related(call: Call, ...path: readonly (string | number)[]): { related: string } {
  return { related: url(call, ...path) };
}

/** What a resource is: where it lies, its place in the cluster's name (`topic=orders/partition=1`). */
export interface Place {
  readonly kind: string;
  readonly path: readonly (string | number)[];
  readonly name: string;
}

export function resource<Members extends object>(call: Call, { kind, path, name }: Place, members: Members) {
  const { clusterId } = call.view.identity;
  const resourceName = `crn:///kafka=${clusterId}${name === "" ? "" : `/${name}`}`;
  const metadata = { self: url(call, ...path), resource_name: resourceName };
  return { kind, metadata, cluster_id: clusterId, ...members };
}

export function collection(
  call: Call,
  kind: string,
  path: readonly (string | number)[],
  data: readonly unknown[],
) {
  return { kind, metadata: { self: url(call, ...path), next: null }, data };
}

/** 404 unless the call names this cluster, by its id or as "-". */
export function checkCluster(call: Call): void {
  const given = call.text("cluster_id");
  if (given === call.view.identity.clusterId || given === "-") return;
  throw new RequestError(404, `Cluster "${given}" is not here, this is "${call.view.identity.clusterId}"`);
}

/** 404 unless the call names this broker. */
export function checkBroker(call: Call): void {
  checkCluster(call);
  const given = call.integer("broker_id");
  if (given === call.view.identity.nodeId) return;
  throw new RequestError(
    404,
    `Broker "${given}" is not in the cluster, its only one is ${call.view.identity.nodeId}`,
  );
}
