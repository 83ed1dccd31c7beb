/**
 * Access control lists: Weir has no authorizer, and says so as Kafka without one
 * does. The routes are here so that who asks learns that, and not that there is nothing.
 */
import { fault } from "../../model/mod.ts";
import { failed } from "../failure.ts";
import type { Call, Route } from "../openapi/route.ts";
import { ref } from "../openapi/schema.ts";
import { checkCluster, CLUSTER, CLUSTER_ID } from "./shapes.ts";

const tag = "ACL";
const path = `${CLUSTER}/acls`;
const parameters = [CLUSTER_ID];
const answers = {
  400: { description: "There is no authorizer: error_code 40002", schema: ref("Error") },
};

export const ACL_ROUTES: readonly Route[] = [
  { method: "get", path, tag, summary: "List ACLs: refused", parameters, answers, serve: refuse },
  { method: "post", path, tag, summary: "Create an ACL: refused", parameters, answers, serve: refuse },
  { method: "delete", path, tag, summary: "Delete ACLs: refused", parameters, answers, serve: refuse },
  {
    method: "post",
    path: `${path}:batch`,
    tag,
    summary: "Create ACLs together: refused",
    parameters,
    answers,
    serve: refuse,
  },
];

function refuse(call: Call): never {
  checkCluster(call);
  throw failed(fault("SECURITY_DISABLED", "This broker has no authorizer: everybody may do everything"));
}
