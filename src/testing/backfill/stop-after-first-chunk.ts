import { setTimeout as delay } from 'node:timers/promises';
import { MigratorError } from '../../errors.js';
import type { Migrator } from '../../migrator.js';

const POLL_MS = 10;

/**
 * Runs until the first chunk of a backfill is committed, then stops as on SIGTERM.
 *
 * @returns rows that were done by then; null = the run was over before
 * @throws what the run throws by itself
 */
export async function stopAfterFirstChunk(
  migrator: Migrator,
  to: string,
  name: string,
): Promise<number | null> {
  const stop = new AbortController();
  const reason = new MigratorError('INTERRUPTED_SIGTERM', {
    message: 'The test kit has stopped this run between two chunks.',
    remedy: 'None: it goes on with it.',
  });
  let over = false;
  const run = migrator.up({ to, signal: stop.signal }).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  void run.finally(() => {
    over = true;
  });
  while (!over && (await rowsDone(migrator, name)) === 0) await delay(POLL_MS);
  stop.abort(reason);
  const failed = await run;
  if (failed === null) return null;
  const rows = await rowsDone(migrator, name);
  if (failed.error !== reason && !isInterruption(failed.error)) throw failed.error;
  return rows;
}

async function rowsDone(migrator: Migrator, name: string): Promise<number> {
  const passes = await migrator.backfills.list();
  return passes.find((one) => one.name === name && one.pass === 'backfill')?.rows ?? 0;
}

function isInterruption(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'INTERRUPTED_SIGTERM';
}
