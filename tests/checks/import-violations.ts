import { builtinModules } from 'node:module';
import { type Edge, type ImportGraph, reach } from './import-graph.js';
import { DRIVERS, matches, ROOM_RULES, type RoomRule } from './import-rules.js';

/** Every breach of the import rules, one line each; empty when the graph obeys. */
export function importViolations(graph: ImportGraph, rules: readonly RoomRule[] = ROOM_RULES): string[] {
  const violations = [...graph.unresolved];
  for (const file of graph.files) {
    const rule = rules.find((candidate) => matches(file, candidate.files));
    if (rule === undefined) violations.push(`${file} lies in no room of the table in tests/checks/import-rules.ts`);
    else violations.push(...directViolations(graph, file, rule), ...reachViolations(graph, file, rule));
  }
  return [...new Set(violations)];
}

function directViolations(graph: ImportGraph, file: string, rule: RoomRule): string[] {
  return graph.edges
    .filter((edge) => edge.from === file && !isAllowed(edge, rule))
    .map((edge) => `${file}:${edge.line} (${rule.room}) may not import ${edge.to}${edge.kind === 'value' ? '' : ` (${edge.kind})`}`);
}

function isAllowed(edge: Edge, rule: RoomRule): boolean {
  if (isBuiltin(edge.to)) return rule.builtins === true && edge.to.startsWith('node:');
  if (!edge.to.startsWith('src/')) return matches(edge.to, rule.packages);
  if (matches(edge.to, rule.imports)) return true;
  if (edge.kind === 'type' && matches(edge.to, rule.types ?? [])) return true;
  return isLazy(edge, rule);
}

function isLazy(edge: Edge, rule: RoomRule): boolean {
  return edge.kind === 'dynamic' && matches(edge.to, rule.lazy ?? []);
}

function reachViolations(graph: ImportGraph, file: string, rule: RoomRule): string[] {
  const allowed = rule.reaches ?? [...rule.imports, ...(rule.types ?? [])];
  const violations: string[] = [];
  for (const [target, chain] of reach(graph, file, (edge) => !isLazy(edge, rule))) {
    // Direct imports have their own line above.
    const reason = chain.length > 1 || matches(target, rule.never ?? []) ? forbidden(target, rule, allowed) : undefined;
    if (reason !== undefined)
      violations.push(`${file} (${rule.room}) reaches ${target}, ${reason}: ${chain.map((edge) => edge.to).join(' → ')}`);
  }
  return violations;
}

function forbidden(target: string, rule: RoomRule, allowed: readonly string[]): string | undefined {
  if (!target.startsWith('src/')) {
    if (rule.portable !== true) return undefined;
    return isBuiltin(target) || DRIVERS.includes(target) ? 'which a browser has not' : undefined;
  }
  if (matches(target, rule.never ?? [])) return 'which it must never reach';
  return matches(target, allowed) ? undefined : 'outside its rooms';
}

/** `node:sqlite` and its like are no built-ins to an older Node that runs this check, so the prefix alone decides. */
function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}
