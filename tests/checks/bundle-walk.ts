import { isAbsolute } from 'node:path';

/** The part of esbuild's metafile that the walk reads. */
export interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly bytes: number;
        readonly inputs: Readonly<Record<string, unknown>>;
        readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
      }
    >
  >;
}

export interface Bundle {
  readonly sources: readonly string[];
  /** Packages and Node built-ins that the code asks for. */
  readonly externals: readonly string[];
  readonly bytes: number;
}

/** What an importer of one built file loads: all chunks behind static imports; behind `import()` only with `lazy`. */
export function walkBundle(metafile: Metafile, output: string, lazy: boolean): Bundle {
  const seen = new Set([output]);
  const sources = new Set<string>();
  const externals = new Set<string>();
  let bytes = 0;
  for (const at of seen) {
    const chunk = metafile.outputs[at];
    if (chunk === undefined || isAbsolute(at)) throw new Error(`the metafile has no output ${at}; build first`);
    bytes += chunk.bytes;
    for (const input of Object.keys(chunk.inputs)) sources.add(input);
    for (const found of chunk.imports) {
      if (found.kind === 'dynamic-import' && !lazy) continue;
      if (found.external === true) externals.add(found.path);
      else seen.add(found.path);
    }
  }
  return { sources: [...sources].sort(), externals: [...externals].sort(), bytes };
}
