import { claim } from './claim.js';
import { change } from './change.js';
import type { Command } from './command.js';
import { counts } from './counts.js';
import { demo } from './demo-command.js';
import { entries } from './entries.js';
import { erase } from './erase.js';
import { exportCommand } from './export.js';
import { health } from './health.js';
import { helpCommand } from './help.js';
import { importCommand } from './import.js';
import { init } from './init.js';
import { keys } from './keys.js';
import { maintain } from './maintain.js';
import { open } from './open.js';
import { publish } from './publish.js';
import { records } from './records.js';
import { register } from './register.js';
import { share } from './share.js';
import { sort } from './sort.js';
import { monitor } from './monitor.js';
import { verify } from './verify.js';

const ALL: readonly Command[] = [
  init,
  register,
  importCommand,
  sort,
  publish,
  maintain,
  counts,
  entries,
  exportCommand,
  verify,
  monitor,
  change,
  claim,
  records,
  open,
  erase,
  share,
  keys,
  health,
  demo,
];

/** In the order in which a registry meets them. */
export const COMMANDS: readonly Command[] = [...ALL, helpCommand(ALL)];
