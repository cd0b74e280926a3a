import { tokenChecksums } from '../journal/parse-migration.js';
import type { BaselineResult } from '../migrator.js';
import type { Finding } from '../run-events.js';
import { assertKnownTag, type MigratorEnvironment } from './environment.js';
import { factsOf, withLockedLedger } from './run-locked.js';

/** Records migrations up to and including the tag as applied, with their real checksum and time, without running them. */
export async function baseline(
  environment: MigratorEnvironment,
  tag: string,
  options: {
    readonly reason?: string;
    readonly waitMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<BaselineResult> {
  assertKnownTag(environment.journal(), tag);
  return withLockedLedger(
    environment,
    'baseline',
    options,
    () => [],
    async ({ observed, writer, session }) => {
      const { migrations } = observed.journal;
      const end = migrations.find((migration) => migration.tag === tag)?.position ?? -1;
      const pending = new Set(
        observed.match.entries
          .filter(({ verdict }) => verdict === 'pending')
          .map((entry) => entry.tag),
      );
      const checksumOf = tokenChecksums(session.server.dialect, session.server.sqlMode);
      const wanted = migrations.filter(
        (migration) => migration.position <= end && pending.has(migration.tag),
      );
      for (const migration of wanted) {
        await writer.baseline(factsOf(migration, checksumOf(migration)), options.reason ?? null);
      }
      return {
        recorded: wanted.map((migration) => migration.tag),
        findings: emptyDatabaseFindings(observed.ledger.empty),
      };
    },
  );
}

/** A baseline of a database without tables is nearly always a mistake: what it records was never there. */
function emptyDatabaseFindings(empty: boolean): readonly Finding[] {
  if (!empty) return [];
  return [
    {
      code: 'baseline-of-empty-database',
      severity: 'warning',
      message:
        'This database has no tables, and the recorded migrations will never run on it. If that was a mistake: nest-migrate repair <tag> rolled-back --reason "..." for each.',
    },
  ];
}
