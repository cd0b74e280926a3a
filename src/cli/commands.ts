import type { CliCommand } from './command.js';
import {
  backfillCancel,
  backfillList,
  backfillPause,
  backfillResume,
  backfillSet,
} from './commands/backfill.js';
import { backfillRun } from './commands/backfill-run.js';
import { baseline } from './commands/baseline.js';
import { canRun } from './commands/can-run.js';
import { down } from './commands/down.js';
import { fleet } from './commands/fleet.js';
import { lint } from './commands/lint.js';
import { makeDown } from './commands/make-down.js';
import { manifest } from './commands/manifest.js';
import { operationAdd } from './commands/operation-add.js';
import { operationList, operationUndo } from './commands/operation.js';
import { plan } from './commands/plan.js';
import { redo } from './commands/redo.js';
import { repair } from './commands/repair.js';
import { split } from './commands/split.js';
import { status } from './commands/status.js';
import { unlock } from './commands/unlock.js';
import { up } from './commands/up.js';
import { verify } from './commands/verify.js';
import { wait } from './commands/wait.js';

/** In the order of `--help`. */
export const COMMANDS: readonly CliCommand[] = [
  up,
  down,
  redo,
  plan,
  status,
  verify,
  wait,
  fleet,
  canRun,
  manifest,
  baseline,
  repair,
  unlock,
  lint,
  split,
  makeDown,
  operationList,
  operationAdd,
  operationUndo,
  backfillRun,
  backfillList,
  backfillPause,
  backfillResume,
  backfillCancel,
  backfillSet,
];
