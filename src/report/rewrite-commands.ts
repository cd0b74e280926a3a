import type { MigratorError } from '../errors.js';

/** `nest-migrate <command>` in the text of an error; not the bare name of the package's program. */
const COMMAND =
  /\bnest-migrate (?:up|down|redo|make-down|plan|fleet|can-run|status|verify|wait|baseline|repair|unlock|operation (?:list|undo|add)|backfill (?:run|list|pause|resume|cancel|set))\b/g;

/**
 * The same error with the commands of its state and remedy as they must be typed here. They are written where nobody knows
 * how the reader started us, and one without its flags may mean another database or another ledger.
 * @param rewrite gets `nest-migrate up` and gives what to print for it
 */
export function rewriteCommands(
  error: MigratorError,
  rewrite: (command: string) => string,
): MigratorError {
  const inText = (text: string): string => text.replace(COMMAND, rewrite);
  return error.restated({
    remedy: inText(error.remedy),
    ...(error.state !== undefined && { state: inText(error.state) }),
  });
}
