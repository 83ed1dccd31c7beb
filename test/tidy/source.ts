/**
 * What a source file says, read off Deno's own syntax tree: the lint plugin interface hands it out, so no
 * parser has to be installed. Works under `deno test` only, as `Deno.lint.runPlugin` does.
 */

export interface FunctionLength {
  /** `name`, or `Class.name`, or the name of the function it is handed to: `setTimeout()`. */
  readonly name: string;
  readonly lines: number;
}

/** A name taken from another module; `*` is everything it has. */
export interface ImportedName {
  readonly specifier: string;
  readonly name: string;
}

/** A name given away: declared here, or handed on from another module. */
export interface ExportedName {
  readonly name: string;
  /** True for a type that the file itself speaks of elsewhere: a part of its other exports' shapes. */
  readonly isShape: boolean;
  readonly handedOn: ImportedName | null;
}

export interface Source {
  readonly lines: number;
  readonly functions: readonly FunctionLength[];
  readonly imports: readonly ImportedName[];
  /** `name` is `*` for `export * from`. */
  readonly exports: readonly ExportedName[];
}

type Node = Deno.lint.Node;
type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

interface Draft {
  readonly functions: FunctionLength[];
  readonly imports: ImportedName[];
  readonly exports: ExportedName[];
  /** How often each identifier occurs. */
  readonly mentions: Map<string, number>;
}

/** Reads the facts of one file; `path` chooses the language by its ending. */
export function readSource(path: string, text: string): Source {
  const draft: Draft = { functions: [], imports: [], exports: [], mentions: new Map() };
  const rule: Deno.lint.Rule = {
    create: ({ sourceCode }) => ({
      ...functionVisitor(sourceCode, draft),
      ...importVisitor(draft),
      ...exportVisitor(draft),
      Identifier: ({ name }) => void draft.mentions.set(name, (draft.mentions.get(name) ?? 0) + 1),
    }),
  };
  Deno.lint.runPlugin({ name: "source", rules: { read: rule } }, path, text);
  const { functions, imports, mentions } = draft;
  const exports = draft.exports.map((item) => (
    { ...item, isShape: item.isShape && (mentions.get(item.name) ?? 0) > 1 }
  ));
  return { lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0), functions, imports, exports };
}

function functionVisitor(code: Deno.lint.SourceCode, draft: Draft): Deno.lint.LintVisitor {
  const measure = (node: FunctionNode) => {
    const lines = code.getText(node).split("\n").length;
    draft.functions.push({ name: functionName(node, code), lines });
  };
  return { FunctionDeclaration: measure, FunctionExpression: measure, ArrowFunctionExpression: measure };
}

function functionName(node: FunctionNode, code: Deno.lint.SourceCode): string {
  if (node.type !== "ArrowFunctionExpression" && node.id) return node.id.name;
  const parent = node.parent as Node;
  if (parent.type === "VariableDeclarator" && parent.id.type === "Identifier") return parent.id.name;
  if (parent.type === "Property") return code.getText(parent.key);
  if (parent.type === "MethodDefinition" || parent.type === "PropertyDefinition") {
    const owner = parent.parent.parent;
    return `${owner.id?.name ?? "class"}.${code.getText(parent.key)}`;
  }
  return parent.type === "CallExpression" ? `${code.getText(parent.callee).slice(0, 40)}()` : "function";
}

function importVisitor(draft: Draft): Deno.lint.LintVisitor {
  return {
    ImportDeclaration({ source, specifiers }) {
      for (const item of specifiers) {
        draft.imports.push({ specifier: source.value, name: importedName(item) });
      }
    },
    ImportExpression({ source }) {
      if (source.type !== "Literal" || typeof source.value !== "string") return;
      draft.imports.push({ specifier: source.value, name: "*" });
    },
  };
}

function importedName(
  item: Deno.lint.ImportSpecifier | Deno.lint.ImportDefaultSpecifier | Deno.lint.ImportNamespaceSpecifier,
): string {
  if (item.type === "ImportNamespaceSpecifier") return "*";
  if (item.type === "ImportDefaultSpecifier") return "default";
  return nameOf(item.imported);
}

function exportVisitor(draft: Draft): Deno.lint.LintVisitor {
  const give = (name: string, handedOn: ImportedName | null = null, isShape = false) =>
    draft.exports.push({ name, handedOn, isShape });
  return {
    ExportDefaultDeclaration: () => give("default"),
    ExportAllDeclaration({ source, exported }) {
      give(exported ? nameOf(exported) : "*", { specifier: source.value, name: "*" });
    },
    ExportNamedDeclaration({ declaration, specifiers, source }) {
      const isType = declaration?.type === "TSInterfaceDeclaration" ||
        declaration?.type === "TSTypeAliasDeclaration";
      for (const name of declaration ? declaredNames(declaration) : []) give(name, null, isType);
      for (const { local, exported } of specifiers) {
        const handedOn = source ? { specifier: source.value, name: nameOf(local) } : null;
        give(nameOf(exported), handedOn);
      }
    },
  };
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => patternNames(id));
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}

function patternNames(pattern: Node): string[] {
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "AssignmentPattern") return patternNames(pattern.left);
  if (pattern.type === "RestElement") return patternNames(pattern.argument);
  if (pattern.type === "ArrayPattern") {
    return pattern.elements.flatMap((item) => item ? patternNames(item) : []);
  }
  if (pattern.type !== "ObjectPattern") return [];
  return pattern.properties.flatMap((item) => patternNames(item.type === "Property" ? item.value : item));
}

function nameOf(node: Node): string {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" ? String(node.value) : "?";
}
