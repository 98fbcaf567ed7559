import ts from 'typescript';

/** How one file names another: a value import, a type-only one, a lazy `import()`, a CommonJS `require`, or a worker's `new URL(…)`. */
export type EdgeKind = 'value' | 'type' | 'dynamic' | 'require' | 'worker';

export interface Edge {
  readonly from: string;
  /** A file of the graph, or the bare specifier of a package or built-in. */
  readonly to: string;
  readonly kind: EdgeKind;
  readonly line: number;
}

export interface ImportGraph {
  readonly files: readonly string[];
  readonly edges: readonly Edge[];
  /** Imports that could not be followed: a computed specifier or a missing file. A graph with holes proves nothing. */
  readonly unresolved: readonly string[];
}

/** The import graph of a set of sources, given as path → text, so that a test can feed invented files. Paths are relative to the project. */
export function importGraph(sources: ReadonlyMap<string, string>): ImportGraph {
  const edges: Edge[] = [];
  const unresolved: string[] = [];
  for (const [from, text] of sources) {
    const file = ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true);
    for (const found of importsOf(file)) {
      if (found.specifier === undefined) {
        unresolved.push(`${from}:${found.line} imports a computed name; the graph cannot follow it`);
        continue;
      }
      const to = found.specifier.startsWith('.') ? resolve(from, found.specifier, sources) : found.specifier;
      if (to === undefined) unresolved.push(`${from}:${found.line} imports ${found.specifier}, which is no file`);
      else edges.push({ from, to, kind: found.kind, line: found.line });
    }
  }
  return { files: [...sources.keys()], edges, unresolved };
}

interface FoundImport {
  readonly specifier: string | undefined;
  readonly kind: EdgeKind;
  readonly line: number;
}

function importsOf(file: ts.SourceFile): FoundImport[] {
  const found: FoundImport[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, kind: EdgeKind): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const literal = specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
    found.push({ specifier: literal, kind, line });
  };
  for (const reference of [...file.referencedFiles, ...file.typeReferenceDirectives]) {
    const line = file.getLineAndCharacterOfPosition(reference.pos).line + 1;
    found.push({ specifier: reference.fileName, kind: 'type', line });
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnlyImport(node.importClause) ? 'type' : 'value');
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(node, node.moduleSpecifier, isTypeOnlyExport(node) ? 'type' : 'value');
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
      add(node, node.moduleReference.expression, node.isTypeOnly ? 'type' : 'require');
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'type');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], 'dynamic');
    else if (ts.isCallExpression(node) && isRequire(node.expression)) add(node, node.arguments[0], 'require');
    else if (ts.isNewExpression(node) && isModuleUrl(node)) add(node, node.arguments?.[0], 'worker');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function isTypeOnlyExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const named = node.exportClause;
  return (
    named !== undefined && ts.isNamedExports(named) && named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly)
  );
}

/** `require(…)`, `require.resolve(…)`, `module.require(…)`, `process.getBuiltinModule(…)`. */
function isRequire(callee: ts.Expression): boolean {
  return /^(?:module\.)?require(?:\.resolve)?$|^process\.getBuiltinModule$/.test(callee.getText());
}

/** `new URL('./x.js', import.meta.url)`: how a worker's file is named. A URL with a computed first part (an address) is none of our files. */
function isModuleUrl(node: ts.NewExpression): boolean {
  const [first, second] = node.arguments ?? [];
  return (
    node.expression.getText() === 'URL' && first !== undefined && ts.isStringLiteralLike(first) && second?.getText() === 'import.meta.url'
  );
}

/** `./x.js` as written in ESM → `dir/x.ts`. Undefined if there is no such source. */
function resolve(from: string, specifier: string, sources: ReadonlyMap<string, string>): string | undefined {
  const parts = from.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  const path = parts.join('/').replace(/\.js$/, '.ts');
  return sources.has(path) ? path : undefined;
}

/** A shortest chain of edges from `start` to every file or package it reaches. */
export function reach(
  graph: ImportGraph,
  start: string,
  follow: (edge: Edge) => boolean = () => true,
): ReadonlyMap<string, readonly Edge[]> {
  const outgoing = edgesByFile(graph);
  const chains = new Map<string, readonly Edge[]>([[start, []]]);
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const chain = chains.get(at) ?? [];
    for (const edge of outgoing.get(at) ?? []) {
      if (chains.has(edge.to) || !follow(edge)) continue;
      chains.set(edge.to, [...chain, edge]);
      queue.push(edge.to);
    }
  }
  chains.delete(start);
  return chains;
}

function edgesByFile(graph: ImportGraph): ReadonlyMap<string, readonly Edge[]> {
  const outgoing = new Map<string, Edge[]>();
  for (const edge of graph.edges) {
    const known = outgoing.get(edge.from);
    if (known === undefined) outgoing.set(edge.from, [edge]);
    else known.push(edge);
  }
  return outgoing;
}
