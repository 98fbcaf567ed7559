import { EXPORT_FILES, type ExportReader } from 'cryptonym/verify';

/** Set where a file could not be fetched at all: then a failed check says nothing about the register. */
export interface SiteReader extends ExportReader {
  readonly failed: boolean;
}

/** No file of an export is larger than a bundle of 256 contents at their largest. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** Whole files from the page's own origin, and from nowhere else: a redirect is refused. */
export function fetchReader(base: string): SiteReader {
  let failed = false;
  return {
    get failed() {
      return failed;
    },
    async read(path) {
      try {
        const answer = await fetch(new URL(path, new URL(base, location.href)), {
          cache: 'no-store',
          credentials: 'omit',
          redirect: 'error',
        });
        if (answer.status === 404) {
          // Without these two there is no register here to say anything about.
          failed ||= path === EXPORT_FILES.checkpoint || path === EXPORT_FILES.log;
          return undefined;
        }
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (answer.ok && bytes.length <= MAX_FILE_BYTES) return bytes;
        failed = true;
      } catch {
        failed = true;
      }
      return undefined;
    },
  };
}

/** The files of a downloaded folder; the export's root is wherever its log.json lies. */
export function folderReader(files: readonly File[]): SiteReader {
  const paths = files.map((file) => file.webkitRelativePath || file.name);
  const root = paths
    .filter((path) => path === 'log.json' || path.endsWith('/log.json'))
    .map((path) => path.slice(0, -'log.json'.length))
    .sort((a, b) => a.length - b.length)[0];
  const byPath = new Map(files.map((file, i) => [paths[i] ?? '', file]));
  return {
    failed: root === undefined,
    async read(path) {
      const file = byPath.get(`${root ?? ''}${path}`);
      return file === undefined || file.size > MAX_FILE_BYTES ? undefined : new Uint8Array(await file.arrayBuffer());
    },
  };
}
