import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../../src/testing.js';
import { type CliOptions, cli } from '../../support/cli-shell.js';

/** The holder of a phrase checks the own entry against an export, whatever the registry says of it. */
const root = mkdtempSync(join(tmpdir(), 'cli-claim-check-'));
const clock = fixedClock(Date.UTC(2026, 10, 20, 9));
const PIN = '19571003';
const SEALED = ['--sealed', '2026-11-21'];
const PLAIN = { alias: '金福', categories: ['party', 'league'], text: 'I leave.\nToday.' };
const PINNED = { alias: 'wan shun', categories: ['league'], evidence: 'contact' };

interface Registered {
  readonly entryId: string;
  readonly claim: string;
}

let copies = 0;
const copied = (from: string): string => {
  const to = join(root, `copy-${++copies}`);
  cpSync(from, to, { recursive: true });
  return to;
};

/** A registry of its own, its log's key, and what is done in it. */
async function registryIn(name: string) {
  const dir = join(root, name);
  const run = (argv: readonly string[], options: CliOptions = {}) => cli([...argv, '--dir', dir], { clock, ...options });
  await run(['init', '--custody', join(root, `${name}-custody`), '--policy', 'tiny']);
  const exported = async (): Promise<string> => {
    const out = join(root, `${name}-export-${++copies}`);
    expect(await run(['export', '--out', out])).toMatchObject({ code: 0 });
    return out;
  };
  const register = async (statement: object, more: object = {}): Promise<Registered> => {
    const stdin = JSON.stringify({ identity: { names: ['诸葛建国'] }, statement, channel: 'web', ...more });
    return JSON.parse((await run(['register', '--json'], { stdin })).out) as Registered;
  };
  // A log that has nothing in it is not exported.
  await register({ alias: 'ping an', categories: ['pioneers'] });
  await run(['publish']);
  const before = await exported();
  const { key } = JSON.parse(readFileSync(join(before, 'log.json'), 'utf8')) as { readonly key: string };
  const check = (place: string, stdin: string, ...words: readonly string[]) =>
    run(['claim', '--check', place, '--key', key, ...SEALED, ...words], { stdin });
  return { key, run, before, exported, register, check, publish: () => run(['publish']) };
}

type Register = Awaited<ReturnType<typeof registryIn>>;
let here: Register;
let elsewhere: Register;
let plain: Registered;
let pinned: Registered;
let good: string;

const stated = ({ claim }: Registered, statement: object): string => `${claim}\n${JSON.stringify(statement)}\n`;

beforeAll(async () => {
  [here, elsewhere] = [await registryIn('here'), await registryIn('elsewhere')];
  clock.advanceDays(1);
  plain = await here.register(PLAIN);
  pinned = await here.register(PINNED, { claim: { pin: PIN } });
  await here.publish();
  good = await here.exported();
});
afterAll(() => rmSync(root, { recursive: true }));

describe('cryptonym claim --check', () => {
  it('a good entry: one sentence, for what was stated, however it was typed', async () => {
    const { code, out, err } = await here.check(good, stated(plain, PLAIN));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      new RegExp(`^There: entry ${plain.entryId} is in the register since 2026-11-21 \\(number \\d, batch 2\\), unaltered\\.\n$`),
    );
    const typed = { ...PLAIN, alias: ' 金福 ', text: ' I leave.\r\nToday.\r\n' };
    expect(await here.check(good, stated(plain, typed))).toEqual({ code, out, err });
    const pin = stated({ ...pinned, claim: `${pinned.claim}\n${PIN}` }, PINNED);
    expect(await here.check(good, pin, '--pin')).toMatchObject({ code: 0, out: expect.stringContaining('unaltered.\n') });
    const json = await here.check(good, stated(plain, PLAIN), '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      status: 'published',
      entryId: plain.entryId,
      date: '2026-11-21',
      latest: '2026-12-23',
      late: false,
      differs: [],
    });
  });

  it('without the statement the entry is shown, to be compared', async () => {
    const { code, out } = await here.check(good, plain.claim);
    expect(code).toBe(0);
    expect(out).toMatch(/^There: .*, as the log committed to it\.\n +name +金福\n +categories +league\+party\n/);
    expect(out).toMatch(/ +text +I leave\.\n +Today\.\nCompare it/);
    expect(out).not.toContain('诸葛');
  });

  it('what is not as it was stated exits with 3 and says what', async () => {
    const other = [
      [{ ...PLAIN, text: 'I stay.' }, 'content'],
      [{ ...PLAIN, alias: '万顺' }, 'content'],
      [{ ...PLAIN, categories: ['party'] }, 'categories'],
      [{ ...PLAIN, evidence: 'verified' }, 'evidence'],
      [{ ...PLAIN, alias: undefined, name: '金福' }, 'display'],
      [{ ...PLAIN, period: '2026-10' }, 'content'],
    ] as const;
    for (const [statement, what] of other) {
      const { code, out } = await here.check(good, stated(plain, statement));
      expect({ code, out }).toEqual({ code: 3, out: expect.stringMatching(`^ALTERED: .*not as it was stated\\.\n  ${what} `) });
    }
  });

  it('an altered content in the export exits with 3, with the statement and without', async () => {
    const folder = copied(good);
    const path = join(folder, 'contents/000.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('I leave.', 'I stay .'));
    expect(await here.check(folder, stated(plain, PLAIN))).toMatchObject({ code: 3, out: expect.stringMatching(/^ALTERED: /) });
    expect(await here.check(folder, plain.claim)).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/^error REPLAY_FAILED/) });
    writeFileSync(path, '[]');
    const withheld = await here.check(folder, stated(plain, PLAIN));
    expect(withheld).toMatchObject({ code: 3, out: expect.stringMatching(/^ALTERED: .*\n {2}withheld /) });
  });

  it('not published yet: the date by which it must be; afterwards it is missing, with batches behind that day or with none', async () => {
    for (const stdin of [stated(plain, PLAIN), plain.claim]) {
      const waiting = await here.check(here.before, stdin);
      expect(waiting).toMatchObject({ code: 0, err: '' });
      expect(waiting.out).toBe(
        `Not there yet: entry ${plain.entryId} is not in the register, which goes up to 2026-11-20. It must be there by 2026-12-23.\n`,
      );
    }
    clock.advanceDays(33);
    expect(await here.check(here.before, stated(plain, PLAIN))).toEqual({
      code: 3,
      err: '',
      out: `MISSING: entry ${plain.entryId} is not in the register, which goes up to 2026-11-20; it had to be there by 2026-12-23.\nUnless this export is an old copy: then ask for a newer one.\n`,
    });
    await elsewhere.register(PLAIN);
    await elsewhere.publish();
    const foreign = await elsewhere.exported();
    const key = ['--key', elsewhere.key];
    for (const stdin of [stated(plain, PLAIN), plain.claim]) {
      const { code, out } = await here.run(['claim', '--check', foreign, ...key, ...SEALED], { stdin });
      expect(code).toBe(3);
      expect(out).toMatch(/^MISSING: .*which goes up to 2026-12-24; it had to be there by 2026-12-23\.\n/);
      expect(out).not.toContain('an old copy');
      expect(out.includes('claim --check finds it')).toBe(stdin === plain.claim);
    }
    // The control: the batches of this register are old by now, but the entry is there.
    expect(await here.check(good, stated(plain, PLAIN))).toMatchObject({ code: 0 });
  });

  it('published after its latest date: it says so', async () => {
    const stdin = stated(plain, { ...PLAIN, period: '2026-11' });
    const { code, out } = await here.run(['claim', '--check', good, '--key', here.key, '--sealed', '2026-10-01'], { stdin });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('It came late: it had to be there by 2026-11-02.\n') });
  });

  it('rules that would let it wait for ever are refused', async () => {
    const folder = copied(here.before);
    const path = join(folder, 'log.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"maxHoldDays":28', '"maxHoldDays":36500'));
    expect(await here.check(folder, stated(plain, PLAIN))).toMatchObject({ code: 3, err: expect.stringMatching(/^error EXPORT_INVALID/) });
  });

  it('wrong key, wrong phrase, no export, wrong use', async () => {
    const stdin = stated(plain, PLAIN);
    const other = await here.run(['claim', '--check', good, '--key', elsewhere.key, ...SEALED], { stdin });
    expect(other).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/^error NOTE_INVALID/) });
    const none = await here.run(['claim', '--check', good, ...SEALED], { stdin });
    expect(none).toMatchObject({ code: 0, err: expect.stringMatching(/^warning: no --key was given/) });
    const unknown = `${'abandon '.repeat(11)}about\n`;
    expect(await here.check(good, unknown)).toEqual({ code: 1, out: '', err: 'error OPEN_FAILED: could not open\n' });
    expect(await here.check(good, `${plain.claim}\nI leave.`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error JSON_INVALID/),
    });
    for (const bad of [[], { ...PLAIN, name: 'x' }, { categories: ['party'] }, { ...PLAIN, salary: 1 }, { ...PLAIN, categories: 'party' }])
      expect(await here.check(good, stated(plain, bad))).toMatchObject({ code: 1, err: expect.stringMatching(/^error STATEMENT_INVALID/) });
    const registration = { identity: { names: ['诸葛建国'] }, contact: { ifCaught: { to: ['press'] } }, statement: PLAIN, channel: 'web' };
    const call = { shared: { contact: registration.contact }, members: [{ identity: registration.identity, statement: PLAIN }] };
    for (const whole of [registration, [registration], call]) {
      const { code, out, err } = await here.check(good, stated(plain, whole));
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^error STATEMENT_INVALID: .*give only the part under "statement"\n$/);
      for (const canary of ['诸葛建国', '金福', 'press', 'party']) expect(err).not.toContain(canary);
    }
    expect(await here.check(join(root, 'here'), stdin)).toMatchObject({ code: 1 });
    expect(await here.check('http://127.0.0.1:9/', stdin)).toMatchObject({ code: 1 });
    for (const words of [
      ['--check', good],
      ['--check', good, '--sealed', '2026-02-30'],
      ['--check', join(root, 'nowhere'), ...SEALED],
      ['--check', join(good, 'log.json'), ...SEALED],
      ['--check', good, ...SEALED, '--retract'],
      SEALED,
      ['--key', here.key],
    ])
      expect(await here.run(['claim', ...words], { stdin })).toMatchObject({ code: 2, out: '' });
  });
});

describe('cryptonym verify --entry', () => {
  const verify = (place: string, entry: string, ...words: readonly string[]) =>
    cli(['verify', place, '--key', here.key, '--entry', entry, ...words], { clock });

  it('anybody finds an entry by its id, after everything was recomputed', async () => {
    const { code, out, err } = await verify(good, pinned.entryId);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^There: entry ${pinned.entryId} is in the register since 2026-11-21 `));
    expect(out).toMatch(/name +wan shun\n +categories +league\n +evidence +contact\n +period +2026-11\n/);
    const folder = copied(good);
    writeFileSync(join(folder, 'counts.csv'), 'count,of,value\r\n');
    expect(await verify(folder, pinned.entryId)).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/^error REPLAY_FAILED/) });
  });

  it('one that is not there: missing, unless its day says that it may wait', async () => {
    const entry = '00'.repeat(16);
    expect(await verify(good, entry)).toMatchObject({ code: 3, out: expect.stringMatching(/^MISSING: .*goes up to 2026-11-21\.\n/) });
    expect(await verify(good, entry, '--sealed', '2026-12-20')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Not there yet: .* It must be there by 2027-01-21\.\n$/),
    });
    expect(await verify(good, entry, '--sealed', '2026-10-01')).toMatchObject({ code: 3, out: expect.stringMatching(/^MISSING: /) });
    for (const words of [
      ['--entry', 'x'],
      ['--sealed', '2026-12-20'],
      ['--entry', entry, '--sealed', 'today'],
    ])
      expect(await cli(['verify', good, '--key', here.key, ...words])).toMatchObject({ code: 2 });
    expect(await cli(['verify', join(good, 'log.json'), '--entry', entry])).toMatchObject({ code: 2 });
  });
});

describe('changes that the log says', () => {
  it('amended, retracted and removed by the holder: there, and what became of it', async () => {
    const ask = async (stdin: string, ...words: readonly string[]): Promise<string> => {
      expect(await here.run(['claim', ...words], { stdin })).toMatchObject({ code: 0 });
      clock.advanceDays(1);
      await here.publish();
      return here.exported();
    };
    const amended = await ask(`${plain.claim}\nMine.\n`, '--amend');
    const of = /unaltered but for what the log says: amended by the holder\.\n$/;
    expect(await here.check(amended, stated(plain, PLAIN))).toMatchObject({ code: 0, out: expect.stringMatching(of) });
    const shown = await here.check(amended, plain.claim);
    expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/amended by the holder\.\n(.*\n)* +text +Mine\.\n/) });
    const retracted = await ask(plain.claim, '--retract');
    expect((await here.check(retracted, stated(plain, PLAIN))).out).toMatch(/amended by the holder, retracted by the holder\.\n$/);
    const removed = await ask(plain.claim, '--remove-content');
    const gone = await here.check(removed, stated(plain, PLAIN));
    // What the amendment signed is gone with the content that its holder took away.
    expect(gone).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^There: .*, retracted by the holder, its content removed by the holder\.\n {2}unverifiable /),
    });
    expect((await here.check(removed, plain.claim)).out).toMatch(/claim --check finds it/);
  });
});
