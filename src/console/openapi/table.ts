/** Every route of the API and every schema they speak of: what is served, checked and documented. */
import { PRODUCE_SCHEMAS, produceRoute } from "../records/produce.ts";
import { PRODUCE_BATCH_ROUTE, PRODUCE_BATCH_SCHEMAS } from "../records/produce_batch.ts";
import { READ_SCHEMAS, readRoute } from "../records/read.ts";
import type { TailHub } from "../records/tail_hub.ts";
import { ACL_ROUTES } from "../rest/acls.ts";
import { CLUSTER_ROUTES, CLUSTER_SCHEMAS } from "../rest/clusters.ts";
import { CONFIG_ROUTES, CONFIG_SCHEMAS } from "../rest/configs.ts";
import { GROUP_ROUTES, GROUP_SCHEMAS } from "../rest/groups.ts";
import { LAG_ROUTES, LAG_SCHEMAS } from "../rest/lags.ts";
import { PARTITION_ROUTES, PARTITION_SCHEMAS } from "../rest/partitions.ts";
import { SHARED_SCHEMAS } from "../rest/shapes.ts";
import { TOPIC_ROUTES, TOPIC_SCHEMAS } from "../rest/topics.ts";
import type { Checker } from "./check.ts";
import type { Documented } from "./document.ts";
import type { Route } from "./route.ts";
import { object, oneOf, type Schema } from "./schema.ts";

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  ...SHARED_SCHEMAS,
  ...CLUSTER_SCHEMAS,
  ...TOPIC_SCHEMAS,
  ...PARTITION_SCHEMAS,
  ...CONFIG_SCHEMAS,
  ...GROUP_SCHEMAS,
  ...LAG_SCHEMAS,
  ...PRODUCE_SCHEMAS,
  ...PRODUCE_BATCH_SCHEMAS,
  ...READ_SCHEMAS,
};

/** The routes, first those whose paths are fixed where others take a name. */
export function routesOf(checker: Checker, hub: TailHub): readonly Route[] {
  return [
    ...CLUSTER_ROUTES,
    ...PARTITION_ROUTES,
    ...TOPIC_ROUTES,
    ...CONFIG_ROUTES,
    ...GROUP_ROUTES,
    ...LAG_ROUTES,
    ...ACL_ROUTES,
    produceRoute(checker),
    PRODUCE_BATCH_ROUTE,
    readRoute(hub),
  ];
}

/** What is served elsewhere in the room. */
export const OTHERS: readonly Documented[] = [
  {
    method: "get",
    path: "/openapi.json",
    tag: "Document",
    summary: "Read this document",
    parameters: [],
    answers: { 200: { description: "OpenAPI 3.1", schema: { type: "object" } } },
  },
  {
    method: "get",
    path: "/health/live",
    tag: "Health",
    summary: "Tell that the process runs",
    parameters: [],
    answers: { 200: { description: "It runs", schema: object({ status: oneOf("live") }) } },
  },
  {
    method: "get",
    path: "/health/ready",
    tag: "Health",
    summary: "Tell whether the broker serves",
    parameters: [],
    answers: {
      200: { description: "It serves", schema: object({ status: oneOf("ready") }) },
      503: { description: "It is starting or stopping", schema: object({ status: oneOf("not ready") }) },
    },
  },
  {
    method: "get",
    path: "/metrics",
    tag: "Metrics",
    summary: "Read all metrics, in Prometheus' text form or OpenMetrics",
    parameters: [],
    answers: {
      200: {
        description: "The metrics",
        schema: { type: "string" },
        types: ["text/plain", "application/openmetrics-text"],
      },
    },
  },
];
