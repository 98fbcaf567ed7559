import { type LogTrust, verifyForkProof } from '../../verify.js';
import { EXIT } from './command.js';
import { nativeSha256 } from './export-source.js';
import type { Output } from './output.js';
import { counted, printFacts, printJson } from './print.js';

/** Is this a proof of a fork (docs/spec/fork-proof.md), and not one of a leaf? */
export function isForkProof(text: string): boolean {
  return text.startsWith('cryptonym/v1/fork\n');
}

/** Says what it proves. The proof is right, so the log is wrong: exit code 3. Throws `PROOF_INVALID`, `NOTE_INVALID`. */
export function reportFork(text: string, trust: LogTrust, json: boolean, output: Output): number {
  const { first, second } = verifyForkProof(text, trust, { sha256: nativeSha256 });
  const sides = [first, second].map(({ size, root }) => ({ size, root: Buffer.from(root).toString('hex') }));
  if (json) printJson(output, { ok: false, fork: { origin: first.origin, checkpoints: sides } });
  else {
    output.out(`True: the key of ${first.origin} has signed two histories that exclude each other. Trust no count of this log.\n`);
    printFacts(
      output,
      sides.map(({ size, root }) => [`${counted(size, 'leaf', 'leaves')}, root`, root] as const),
    );
  }
  return EXIT.integrity;
}
