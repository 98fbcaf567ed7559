import type { Command } from './command.js';

/** The demonstration brings its own data and its own registry; it is loaded only when asked for. */
export const demo: Command = {
  name: 'demo',
  summary: 'a registry with invented people, from call to count',
  usage: ['demo [--dir D --custody C] [--people N] [--data FILE]'],
  options: { dir: 'text', custody: 'text', people: 'text', data: 'text' },
  run: async (args, { output }) => {
    const [dir, custody, data] = [args.text('dir'), args.text('custody'), args.text('data')];
    const people = args.whole('people', 1, 1_000_000);
    const { runDemo } = await import('./demo/demo.js');
    return runDemo(
      {
        json: args.flag('json'),
        ...(dir === undefined ? {} : { dir }),
        ...(custody === undefined ? {} : { custody }),
        ...(people === undefined ? {} : { people }),
        ...(data === undefined ? {} : { data }),
      },
      output,
    );
  },
};
