import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/edges/cli/command.js';
import { COMMANDS } from '../../src/edges/cli/commands.js';
import { pageAt } from './pages.js';

/** `--json` and `--help` go with every command and are described apart. */
const COMMON = ['json', 'help'];
const NAMES = COMMANDS.map(({ name }) => name);

const optionsIn = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, option = '']) => option))]
    .filter((option) => !COMMON.includes(option))
    .sort();

/** Rows of the table of commands by the command's name: one row for each form of it. */
function rowsOf(page: string): ReadonlyMap<string, string> {
  const table = /^\| command \|.*\n\|---.*\n((?:\|.*\n)+)/m.exec(page)?.[1] ?? '';
  const rows = new Map<string, string>();
  for (const [row, name = ''] of table.matchAll(/^\| `([a-z]+).*$/gm)) rows.set(name, `${rows.get(name) ?? ''}${row}\n`);
  return rows;
}

/** Commands and options that are on the page and not in the program, or the other way round. */
function differences(page: string, commands: readonly Command[]): readonly string[] {
  const rows = rowsOf(page);
  const names = new Set([...rows.keys(), ...commands.map(({ name }) => name)]);
  return [...names].flatMap((name) => {
    const command = commands.find((each) => each.name === name);
    const row = rows.get(name);
    if (command === undefined || row === undefined) return [`${name}: only ${command === undefined ? 'on the page' : 'in the program'}`];
    const [taken, shown] = [Object.keys(command.options), optionsIn(row)];
    const apart = [...taken, ...shown].filter((option) => !taken.includes(option) || !shown.includes(option));
    return apart.map((option) => `${name} --${option}`);
  });
}

describe('docs/cli.md', () => {
  const page = pageAt('docs/cli.md');

  it('has every command with every option, and no other', () => {
    expect(rowsOf(page).size).toBeGreaterThanOrEqual(20);
    expect(differences(page, COMMANDS)).toEqual([]);
  });

  it('control: a row, an option and a command that are missing are found', () => {
    expect(differences(page.replace(/^\| `erase .*\n/m, ''), COMMANDS)).toEqual(['erase: only in the program']);
    expect(differences(page.replace(' [--origin NAME]', ''), COMMANDS)).toEqual(['init --origin']);
    expect(differences(page.replace('`sort --dir D`', '`sort --dir D --wait`'), COMMANDS)).toEqual(['sort --wait']);
    const without = COMMANDS.filter(({ name }) => name !== 'share');
    expect(differences(page, without)).toEqual(['share: only on the page']);
  });

  it('examples use what there is', () => {
    const lines = [...page.matchAll(/^\$ cryptonym ([a-z]+)(.*)$/gm)];
    expect(lines.length).toBeGreaterThanOrEqual(6);
    const wrong = lines.filter(([, name, rest = '']) => {
      const command = COMMANDS.find((each) => each.name === name);
      return command === undefined || optionsIn(rest).some((option) => command.options[option] === undefined);
    });
    expect(wrong.map(([line]) => line)).toEqual([]);
  });
});

describe('other places that list commands', () => {
  it.each(COMMANDS)('help $name shows its options', ({ usage, options }) => {
    expect(optionsIn(usage.join(' '))).toEqual(Object.keys(options).sort());
  });

  it('README.md has every command but help', () => {
    const [, listed = ''] = /^\| command `cryptonym` \| `([a-z ]+)`/m.exec(pageAt('README.md')) ?? [];
    expect(listed.split(' ').sort()).toEqual(NAMES.filter((name) => name !== 'help').sort());
  });
});
