/**
 * Weir's own lint plugin, one rule for each row of bans.ts: pure rooms touch nothing of the world, and
 * each thing of the world is named in one place. Loaded by `deno lint` through deno.json; it lives with the
 * tests because, as they do, it checks the house and ships with no build.
 */
import { isPure } from "../tidy/walls.ts";
import { type Ban, BANS } from "./bans.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

type Node = Deno.lint.Node;
type Report = (node: Node, what: string) => void;

/** The plugin `deno lint` loads; also run by its own test. */
const plugin: Deno.lint.Plugin = {
  name: "weir",
  rules: Object.fromEntries(
    Object.entries(BANS).map(([name, ban]) => [name, { create: (context) => visitorFor(ban, context) }]),
  ),
};
export default plugin;

function visitorFor(ban: Ban, context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const path = context.filename.startsWith(ROOT) ? context.filename.slice(ROOT.length) : context.filename;
  const replacement = isPure(path) ? ban.pure : ban.shell;
  // Scripts of the console's pages run in browsers.
  const isOurs = path.startsWith("src/") && !path.startsWith("src/console/static/");
  const isChecked = isOurs || path.startsWith("workers/") || path === "main.ts";
  if (!isChecked || replacement === undefined || isAtHome(path, ban.homes)) return {};
  const where = isPure(path) ? "has no place in a pure room" : "has one home, and it is not here";
  const report: Report = (node, what) => {
    context.report({ node, message: `"${what}" ${where}: ${replacement}` });
  };
  return { ...nameVisitor(ban, report), ...moduleVisitor(ban, report), ...asyncVisitor(ban, report) };
}

function isAtHome(path: string, homes: readonly string[]): boolean {
  return homes.some((home) => home.endsWith("/") ? path.startsWith(home) : path === home);
}

function nameVisitor(ban: Ban, report: Report): Deno.lint.LintVisitor {
  return {
    Identifier(node) {
      if (ban.names?.test(node.name) && isReference(node)) report(node, node.name);
    },
    MemberExpression(node) {
      const member = nameOf(node.property, node.computed);
      const object = globalName(node.object);
      if (object !== null && member !== null) reportMember(ban, report, node, object, member);
    },
    TSQualifiedName(node) {
      if (node.left.type === "Identifier") reportMember(ban, report, node, node.left.name, node.right.name);
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || node.init?.type !== "Identifier") return;
      for (const property of node.id.properties) {
        if (property.type !== "Property") continue;
        const member = nameOf(property.key, property.computed);
        if (member !== null) reportMember(ban, report, property, node.init.name, member);
      }
    },
    NewExpression(node) {
      if (node.callee.type !== "Identifier") return;
      const { name } = node.callee;
      if (ban.constructed?.test(name)) report(node, `new ${name}`);
      if (ban.bare?.test(name) && node.arguments.length === 0) report(node, `new ${name}()`);
    },
    CallExpression(node) {
      if (node.callee.type === "Identifier" && ban.bare?.test(node.callee.name)) {
        report(node, `${node.callee.name}()`);
      }
    },
  };
}

function reportMember(ban: Ban, report: Report, node: Node, object: string, member: string): void {
  if (ban.members?.test(`${object}.${member}`)) report(node, `${object}.${member}`);
  if (object === "globalThis" && ban.names?.test(member)) report(node, `globalThis.${member}`);
}

function moduleVisitor(ban: Ban, report: Report): Deno.lint.LintVisitor {
  const check = (node: Node, source: Node | null) => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    if (ban.modules?.test(source.value)) report(node, source.value);
  };
  return {
    ImportDeclaration: (node) => check(node, node.source),
    ImportExpression: (node) => check(node, node.source),
    ExportAllDeclaration: (node) => check(node, node.source),
    ExportNamedDeclaration: (node) => check(node, node.source),
  };
}

function asyncVisitor(ban: Ban, report: Report): Deno.lint.LintVisitor {
  if (!ban.asynchrony) return {};
  const check = (node: Node & { async: boolean }) => {
    if (node.async) report(node, "async");
  };
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
    AwaitExpression: (node) => report(node, "await"),
    ForOfStatement: (node) => {
      if (node.await) report(node, "for await");
    },
    VariableDeclaration: (node) => {
      if (node.kind === "await using") report(node, "await using");
    },
  };
}

/** False where the identifier only labels something: a property's key, a member's name, an import's. */
function isReference(node: Node & { parent: Node }): boolean {
  const parent = node.parent as Node & Record<string, unknown>;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property !== node || parent.computed === true;
    case "TSQualifiedName":
      return parent.left === node;
    case "Property":
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key !== node || parent.computed === true;
    case "TSEnumMember":
      return parent.id !== node;
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "LabeledStatement":
    case "TSNamedTupleMember":
      return false;
    default:
      return true;
  }
}

/** `Date` of both `Date` and `globalThis.Date`. */
function globalName(node: Node): string | null {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return null;
  return node.object.name === "globalThis" ? nameOf(node.property, node.computed) : null;
}

function nameOf(key: Node, computed: boolean): string | null {
  if (key.type === "Identifier" && !computed) return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : null;
}
