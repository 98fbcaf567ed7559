import { encodePublicKeys } from '../../intake.js';
import { type Command, EXIT } from './command.js';
import { withRegistry } from './shell.js';

export const keys: Command = {
  name: 'keys',
  summary: 'the public keys a device needs to seal by itself',
  usage: ['keys --dir D > keys.json'],
  details: [
    'One JSON document, without a line feed at its end: the exact bytes `decodePublicKeys` takes. Nothing in it is secret.',
    'New epoch keys appear every day; a device needs them anew at least once a week.',
  ],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      shell.output.out(new TextDecoder().decode(encodePublicKeys(await registry.publicKeys())));
      return EXIT.ok;
    }),
};
