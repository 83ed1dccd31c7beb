/** Counts every HTTP request, refused ones too: what goes around all the others. */
import type { MiddlewareHandler } from "hono";
import { monotonicMs } from "../../host/mod.ts";
import type { HttpMeter } from "../../meter/mod.ts";

/** For `app.use`, before everything else. A stream counts as answered once it begins. */
export function countRequests(meter: HttpMeter): MiddlewareHandler {
  return async (context, next) => {
    const beganMs = monotonicMs();
    await next();
    meter.answered(context.req.path, context.res.status, (monotonicMs() - beganMs) * 1_000);
  };
}
