/**
 * Stand-in for `@std/testing/bdd`, same signatures for what the tests use.
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 *
 *     describe (outermost)          -> one Deno.test
 *       describe, it inside it      -> its steps, in order of writing
 *       beforeAll, afterAll         -> around all steps of their describe
 *       beforeEach, afterEach       -> around every `it` at or below their describe; outer before first, inner after first
 *
 * Blocks run when the file is read and must be synchronous; what they register runs later.
 */

type Body = (context: Deno.TestContext) => void | Promise<void>;
type Hook = () => void | Promise<void>;

interface Example {
  readonly name: string;
  readonly ignore: boolean;
  readonly body: Body;
}

interface Suite {
  readonly name: string;
  readonly ignore: boolean;
  readonly parent: Suite | null;
  readonly children: (Suite | Example)[];
  readonly hooks: Record<HookName, Hook[]>;
}

type HookName = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

let current: Suite | null = null;

/** Groups what the block registers under a name. */
export function describe(name: string, block: () => void): void {
  group(name, block, false);
}
/** A group whose examples are reported as ignored. */
describe.skip = (name: string, block: () => void): void => group(name, block, true);
/** The same as `describe.skip`. */
describe.ignore = describe.skip;

/** Registers one example; outside every `describe` it is a Deno.test of its own. */
export function it(name: string, body: Body): void {
  example(name, body, false);
}
/** An example that is reported as ignored. */
it.skip = (name: string, body: Body): void => example(name, body, true);
/** The same as `it.skip`. */
it.ignore = it.skip;

/** Runs once before the first example of the surrounding `describe`. */
export function beforeAll(hook: Hook): void {
  hookUp("beforeAll", hook);
}

/** Runs once after the last example of the surrounding `describe`, also when one failed. */
export function afterAll(hook: Hook): void {
  hookUp("afterAll", hook);
}

/** Runs before every example of the surrounding `describe`. */
export function beforeEach(hook: Hook): void {
  hookUp("beforeEach", hook);
}

/** Runs after every example of the surrounding `describe`, also when it failed. */
export function afterEach(hook: Hook): void {
  hookUp("afterEach", hook);
}

function group(name: string, block: () => void, ignore: boolean): void {
  const hooks = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  const suite: Suite = { name, ignore, parent: current, children: [], hooks };
  current = suite;
  try {
    block();
  } finally {
    current = suite.parent;
  }
  if (current !== null) current.children.push(suite);
  else Deno.test({ name, ignore, fn: (context) => runSuite(suite, context) });
}

function example(name: string, body: Body, ignore: boolean): void {
  if (current !== null) current.children.push({ name, ignore, body });
  else Deno.test({ name, ignore, fn: body });
}

function hookUp(name: HookName, hook: Hook): void {
  if (current === null) throw new Error(`"${name}" stands outside a describe, put it inside one`);
  current.hooks[name].push(hook);
}

async function runSuite(suite: Suite, context: Deno.TestContext): Promise<void> {
  try {
    for (const hook of suite.hooks.beforeAll) await hook();
    for (const child of suite.children) await runChild(suite, child, context);
  } finally {
    for (const hook of suite.hooks.afterAll) await hook();
  }
}

async function runChild(suite: Suite, child: Suite | Example, context: Deno.TestContext): Promise<void> {
  const { name, ignore } = child;
  const fn = "body" in child
    ? (inner: Deno.TestContext) => runExample(suite, child, inner)
    : (inner: Deno.TestContext) => runSuite(child, inner);
  await context.step({ name, ignore, fn });
}

async function runExample(suite: Suite, child: Example, context: Deno.TestContext): Promise<void> {
  const lineage: Suite[] = [];
  for (let at: Suite | null = suite; at !== null; at = at.parent) lineage.push(at);
  try {
    for (const { hooks } of lineage.toReversed()) for (const hook of hooks.beforeEach) await hook();
    await child.body(context);
  } finally {
    for (const { hooks } of lineage) for (const hook of hooks.afterEach) await hook();
  }
}
