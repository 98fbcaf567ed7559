import { EXPORT_FILES, type LogTrust, RegistryError } from 'cryptonym/verify';
import { fill } from './fill.js';
import { type Answer, type Check, checkAll, checkFile, checkNumber, textOf } from './verifier-checks.js';
import { fetchReader, folderReader, type SiteReader } from './verifier-readers.js';
import type { VerifierSettings } from './verifier-settings.js';

/** The checking page's only script. It writes text, never markup, and speaks to its own origin only (the page's policy sees to that too). */
function start(): void {
  const settings = JSON.parse(element('settings').textContent ?? '{}') as VerifierSettings;
  const { words } = settings;
  const [key, number, file, folder] = [field('key'), field('number'), field('file'), field('folder')];
  element('checks').hidden = false;
  folder.toggleAttribute('webkitdirectory', true);
  if (location.protocol === 'file:') element('from-disk').hidden = false;

  const buttons = [...document.querySelectorAll('button')];
  const run = async (check: (context: Check) => Promise<Answer>): Promise<void> => {
    for (const button of buttons) button.disabled = true;
    show([words.verifyStarted], '');
    const files = [...(folder.files ?? [])];
    const reader = files.length > 0 ? folderReader(files) : fetchReader(settings.base);
    try {
      const progress = (done: number, total: number): void => show([working(settings, done, total)], '');
      const { isGood, sentences } = await twiceIfMoved(check, { reader, trust: trustOf(key.value, settings), settings, progress });
      show(sentences, isGood ? 'good' : '');
    } catch (error) {
      show(complaint(error, reader, words), reader.failed ? '' : 'bad');
    }
    for (const button of buttons) button.disabled = false;
  };

  const nothingGiven = Promise.resolve<Answer>({ sentences: [words.verifyNotInput] });
  const on = (id: string, check: (context: Check) => Promise<Answer>): void =>
    element(id).addEventListener('submit', (event) => {
      event.preventDefault();
      void run(check);
    });
  on('all', checkAll);
  on('one', (context) => {
    const text = number.value.replace(/[\s.,\u00a0\u202f]/g, '');
    return /^\d{1,15}$/.test(text) ? checkNumber(Number(text), context) : nothingGiven;
  });
  on('files', async (context) => {
    const chosen = file.files?.[0];
    if (chosen !== undefined) return checkFile(await chosen.text(), context);
    return folder.files?.length ? checkAll(context) : nothingGiven;
  });
}

/** A batch published while we read makes an honest register look wrong: then it is read once more. */
async function twiceIfMoved(check: (context: Check) => Promise<Answer>, context: Check): Promise<Answer> {
  const before = await textOf(context.reader, EXPORT_FILES.checkpoint);
  try {
    return await check(context);
  } catch (error) {
    if ((await textOf(context.reader, EXPORT_FILES.checkpoint)) === before) throw error;
    return check(context);
  }
}

function trustOf(key: string, { witnesses }: VerifierSettings): LogTrust {
  return witnesses === '' ? { key: key.trim() } : { key: key.trim(), policy: witnesses };
}

function complaint(error: unknown, reader: SiteReader, words: VerifierSettings['words']): Answer['sentences'] {
  if (reader.failed) return [words.verifyMissing];
  const bad = words.verifyBad;
  if (!(error instanceof RegistryError)) return [bad, fill(words.verifyBadCode, { code: String(error) })];
  const { code, message, details } = error;
  const where = details.leaf === undefined ? [] : [fill(words.verifyBadAt, { leaf: details.leaf })];
  return [bad, ...where, fill(words.verifyBadCode, { code: `${code} (${message})` })];
}

function working({ words, tag }: VerifierSettings, done: number, total: number): string {
  return fill(words.verifyWorking, { done: done.toLocaleString(tag), total: total.toLocaleString(tag) });
}

function show(sentences: Answer['sentences'], kind: 'good' | 'bad' | ''): void {
  const paragraph = document.createElement('p');
  paragraph.className = kind;
  paragraph.textContent = sentences.join(' ');
  const result = element('result');
  result.replaceChildren(paragraph);
  result.scrollIntoView({ block: 'nearest' });
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no ${id}`);
  return found;
}

function field(id: string): HTMLInputElement {
  return element(id) as HTMLInputElement;
}

start();
