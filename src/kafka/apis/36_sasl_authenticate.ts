/**
 * SaslAuthenticate, key 36, versions 0 to 2: refused, as Kafka does on a listener
 * without SASL (`PLAINTEXT`). What the client sent is neither looked at nor kept.
 *
 * Not done: authentication of any kind. KIP-152, KIP-368.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { SASL_AUTHENTICATE_REQUEST, SASL_AUTHENTICATE_RESPONSE } from "../schemas/sasl_authenticate.ts";

export const saslAuthenticate = defineApi({
  key: 36,
  request: SASL_AUTHENTICATE_REQUEST,
  response: SASL_AUTHENTICATE_RESPONSE,
  versions: [0, 2],
  serve(_request, call) {
    const failed = fault("ILLEGAL_SASL_STATE", "This listener authenticates nobody");
    call.answer({ errorCode: errorCode(failed), errorMessage: errorMessage(failed) });
  },
});
