/** The host: clock, randomness and log, as ports with their real implementations. */
export { type Clock, monotonicMs, processUptimeMs, ranOn, stopwatch, systemClock } from "./clock.ts";
export { type Level, type Logger, silentLogger, stderrLogger } from "./logger.ts";
export { Patience } from "./patience.ts";
export { fillRandomly, type Random, systemRandom } from "./random.ts";
