import { RegistryError } from '../../index.js';
import { EXIT } from './command.js';
import type { Output } from './output.js';

/**
 * Prints an error on stderr and gives the exit code. What is not one of our coded errors is printed as `INTERNAL` and nothing else: its
 * message or stack could hold a name.
 */
export function reportError(error: unknown, output: Output, json: boolean): number {
  const known = error instanceof RegistryError ? error : undefined;
  if (json) {
    output.err(`${JSON.stringify({ error: known?.toJSON() ?? { code: 'INTERNAL' } })}\n`);
  } else {
    output.err(known === undefined ? 'error INTERNAL\n' : `error ${known.code}: ${known.message}${where(known)}\n`);
  }
  if (known?.code === 'USAGE') return EXIT.usage;
  return known?.code === 'STORE_INTEGRITY' ? EXIT.integrity : EXIT.failed;
}

/** What the command did is done; what it said of it is not there whole. */
export function outputLost(): RegistryError {
  return new RegistryError('STORE_FAILED', 'the output could not be written whole; the command itself was carried out');
}

/** Field, custodian and row, as far as the message does not say them. */
function where({ message, details }: RegistryError): string {
  const parts = [
    details.field === undefined || message.includes(details.field) ? undefined : `field ${details.field}`,
    details.custodian === undefined || /custodian \d/.test(message) ? undefined : `custodian ${details.custodian}`,
    details.row === undefined || /\b(row|member) \d/.test(message) ? undefined : `number ${details.row}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
