import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildSite, readStyle } from './build.js';
import { LANGUAGE_CODES, type LanguageCode } from './language.js';

const USAGE = 'usage: npm run site -- --from EXPORT --to SITE [--languages en,zh,sv,fr] [--url https://…/] [--key KEY]';

/** Run by `npm run site` in the checkout, which bundles this file and the checking page's script first. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      languages: { type: 'string', default: LANGUAGE_CODES.join(',') },
      url: { type: 'string' },
      key: { type: 'string' },
      assets: { type: 'string', default: 'examples/public-site' },
      script: { type: 'string', default: 'node_modules/.cache/site-script/verifier-script.global.js' },
    },
  });
  const { from, to, url, key, assets, script } = values;
  const languages = values.languages.split(',').filter((code): code is LanguageCode => LANGUAGE_CODES.includes(code as LanguageCode));
  if (from === undefined || to === undefined || languages.length === 0) throw new TypeError(USAGE);
  const style = await readStyle(assets);
  const done = await buildSite({
    from,
    to,
    languages,
    style,
    script: await readFile(script, 'utf8'),
    ...(url === undefined ? {} : { url }),
    ...(key === undefined ? {} : { key }),
  });
  console.log(`${done.written} files written, ${done.unchanged} unchanged, ${done.removed} removed`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
