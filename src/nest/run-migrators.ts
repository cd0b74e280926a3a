import type { Migrator, UpOptions, UpResult } from '../migrator.js';
import type { RunListener } from '../run-events.js';

/** What `up` came to for one migrator. */
export interface MigratedDatabase {
  readonly name: string;
  readonly result: UpResult;
}

/**
 * Runs `up` of one migrator after the other, in order; the first failure ends it, and what is done stays done.
 * @param onDone called after each, so that a caller knows what was done when a later one fails
 */
export async function runMigrators(
  migrators: readonly Migrator[],
  optionsOf: (migrator: Migrator) => UpOptions,
  listener: RunListener,
  onDone: (done: MigratedDatabase) => void,
): Promise<void> {
  for (const migrator of migrators) {
    const options = optionsOf(migrator);
    options.signal?.throwIfAborted();
    const remove = migrator.onEvent(listener);
    try {
      onDone({ name: migrator.name, result: await migrator.up(options) });
    } finally {
      remove();
    }
  }
}
