/** The model: Weir's nouns. Imports nothing; everything may import it. */
export * from "./assert.ts";
export * from "./command.ts";
export * from "./coordinator_turn.ts";
export * from "./fault.ts";
export * from "./group_command.ts";
export * from "./group_figures.ts";
export * from "./group_reply.ts";
export * from "./image.ts";
export * from "./limits.ts";
export * from "./log_settings.ts";
export * from "./reply.ts";
export * from "./turn.ts";
