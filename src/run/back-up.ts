import type { PlannedBackup } from '../plan/backup.js';
import { nameOfTable } from '../plan/backup-refusals.js';
import type { RunningMigration } from './running-migration.js';

/**
 * Puts by what was planned, and that on record, before the first statement. No transaction is open: the dump program sees what is committed, and waits
 * for nothing of ours.
 *
 * @throws {MigratorError} `BACKUP_FAILED`; the signal's reason
 */
export async function backUp(run: RunningMigration, backup: PlannedBackup): Promise<void> {
  const { action, context, deps, session } = run;
  const { id: tag } = action;
  const files =
    backup.dump === 'none'
      ? []
      : await deps.backups?.take({
          tag,
          server: session.server,
          tables: backup.dump === 'data' ? backup.tables : [],
          at: Date.now(),
          signal: context.signal,
          onStart: (content) => context.emit({ type: 'backup.started', tag, content }),
          onFile: ({ content, path, bytes }, durationMs) =>
            context.emit({ type: 'backup.finished', tag, content, path, bytes, durationMs }),
        });
  if (files === undefined) throw new TypeError('a backup was planned that nobody can take');
  await deps.recorder.gate(tag, 'backup', {
    ...(run.attemptId !== null && { attempt: run.attemptId }),
    ...(backup.ref !== null && { ref: backup.ref }),
    tables: backup.tables.map((table) => nameOfTable(table)),
    files,
  });
}
