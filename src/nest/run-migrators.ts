import type { MigratorError } from '../errors.js';
import type { Migrator, UpOptions, UpResult } from '../migrator.js';
import { asMigratorError } from '../report/unexpected.js';
import type { RunListener } from '../run-events.js';

/** What `up` came to for one migrator. */
export interface MigratedDatabase {
  readonly name: string;
  readonly result: UpResult;
}

/**
 * Runs `up` of one migrator after the other, in order; the first failure ends it, and what is done stays done.
 * @param onDone called after each, so that a caller knows what was done when a later one fails
 * @param advise puts into the words of a failure which migrator it was of
 * @throws {MigratorError} whatever `up` throws
 */
export async function runMigrators(
  migrators: readonly Migrator[],
  optionsOf: (migrator: Migrator) => UpOptions,
  listener: RunListener,
  onDone: (done: MigratedDatabase) => void,
  advise: (error: MigratorError, migrator: Migrator) => Promise<MigratorError>,
): Promise<void> {
  for (const migrator of migrators) {
    const options = optionsOf(migrator);
    options.signal?.throwIfAborted();
    const remove = migrator.onEvent(listener);
    try {
      onDone({ name: migrator.name, result: await migrator.up(options) });
    } catch (error) {
      throw await advise(asMigratorError(error), migrator);
    } finally {
      remove();
    }
  }
}
