import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { MigratorError } from '../errors.js';
import type { Migrator } from '../migrator.js';

/** Where a person is asked. */
export interface Asking {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A flag that sets the fleet's objection aside is typed in a hurry, and perhaps in the wrong window: a person at a terminal types the database's name as
 * well. Nobody is asked in a pipeline.
 *
 * @param flag as it was given
 * @throws {MigratorError} `USAGE` for another name
 */
export async function confirmDatabase(
  migrator: Pick<Migrator, 'status'>,
  flag: string,
  { input, output, env }: Asking,
  signal: AbortSignal,
): Promise<void> {
  const inPipeline = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  if (input.isTTY !== true || output.isTTY !== true || inPipeline) return;
  const { database } = await migrator.status({ signal });
  const name = database.slice(database.lastIndexOf('/') + 1);
  const terminal = createInterface({ input, output, terminal: true });
  try {
    // Ctrl-D closes the input, and leaves the question unanswered for ever.
    const closed = once(terminal, 'close').then(() => '');
    const typed = await Promise.race([
      closed,
      terminal.question(
        `${flag} on ${database}: instances that run may fail. Type the name of the database to go on: `,
        { signal },
      ),
    ]);
    if (typed.trim() === name) return;
  } finally {
    terminal.close();
  }
  throw new MigratorError('USAGE', {
    message: `What was typed is not the name of the database, so ${flag} does nothing.`,
    state: 'Nothing was changed.',
    remedy: `Run it again and type ${name}, if that is the database that is meant.`,
  });
}
