/**
 * DescribeAcls, key 29, versions 1 to 3: there are no access rules and nothing
 * that would heed them, which is said as Kafka without an authorizer says it.
 * Not done: access control. KIP-140, KIP-290.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { DESCRIBE_ACLS_REQUEST, DESCRIBE_ACLS_RESPONSE } from "../schemas/describe_acls.ts";

export const describeAcls = defineApi({
  key: 29,
  request: DESCRIBE_ACLS_REQUEST,
  response: DESCRIBE_ACLS_RESPONSE,
  versions: [1, 3],
  serve(_request, call) {
    const failed = fault("SECURITY_DISABLED", "This broker has no authorizer: everybody may do everything");
    call.answer({ errorCode: errorCode(failed), errorMessage: errorMessage(failed) });
  },
});
