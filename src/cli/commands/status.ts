import type { StatusMigration, StatusResult } from '../../migrator.js';
import { defineCommand } from '../command.js';
import type { Style } from '../output/style.js';
import { table } from '../output/table.js';
import { findings, holder, session } from '../output/wording.js';
import { pendingVerdict } from './pending-verdict.js';

interface StatusFlags {
  readonly check?: boolean;
}

/** Journal against ledger, the lock, and who waits for it. */
export const status = defineCommand<StatusFlags>({
  name: 'status',
  declare: (command) =>
    command
      .summary('what is applied, what is pending, who holds the lock')
      .description(
        'Compares the journal with the ledger and shows the lock, its holder and who waits. Read-only, takes no lock.',
      )
      .option('--check', 'exit 2 when something that this build requires is pending')
      .addHelpText(
        'after',
        `
Examples:
  nest-migrate status
  nest-migrate status --check || echo "not migrated"`,
      ),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.status({ signal });
    return {
      result,
      text: (style) => text(result, style),
      ...(flags.check === true &&
        result.requiredPending && { verdict: pendingVerdict(requiredTags(result)) }),
    };
  },
});

function requiredTags(result: StatusResult): readonly string[] {
  return result.migrations
    .filter(
      ({ verdict, impact, attempt }) =>
        (verdict === 'pending' && impact !== 'contract') || attempt?.way === 'back',
    )
    .map((migration) => migration.tag);
}

async function text(result: StatusResult, style: Style): Promise<string> {
  const { counts, ledger, lock } = result;
  const lines = [
    `${style.bold(result.database)} (${result.server}), ledger ${ledger.table}`,
    `${counts.applied} applied, ${counts.pending} pending (${counts.required} required by this build), ${counts.unknown} unknown`,
  ];
  if (lock.state === 'held') {
    lines.push(
      style.warn('A run is in progress') +
        ': what it has not committed yet stands as pending, without an attempt. Who runs stands below.',
    );
  }
  if (result.migrations.length > 0) {
    lines.push(
      '',
      table(['migration', 'state', 'applied at', 'last attempt'], result.migrations.map(row)),
    );
  }
  if (result.ahead.length > 0) {
    lines.push(
      '',
      'In the ledger but not in this build:',
      ...result.ahead.map((entry) => `  ${entry.name ?? '(no name)'} ${entry.createdAt ?? ''}`),
    );
  }
  lines.push('', `Lock ${lock.scope}: ${lockLine(lock)}`);
  if (lock.session !== null) lines.push(`  ${session(lock.session)}`);
  lines.push(...lock.waiters.map((waiter) => `  waiting: ${session(waiter)}`));
  lines.push(...findings(result.findings, style));
  return lines.join('\n');
}

function lockLine({ state, holder: who }: StatusResult['lock']): string {
  switch (state) {
    case 'free':
      return 'free';
    case 'held':
      return `held by ${holder(who)}`;
    case 'abandoned':
      return `left by ${holder(who)}, whose session is gone; the next run takes over`;
  }
}

function row(migration: StatusMigration): string[] {
  const { attempt } = migration;
  return [
    migration.tag,
    migration.verdict,
    migration.appliedAt ?? '-',
    attempt === null || attempt.state === 'done' ? '-' : lastAttempt(attempt),
  ];
}

/** With the statement as `up` and the error number it, from 1; the record counts from 0. */
function lastAttempt({
  state,
  inFlight,
  cursor,
  statements,
  errorCode,
}: NonNullable<StatusMigration['attempt']>): string {
  const at = inFlight ?? cursor;
  const where = at < statements ? `at statement ${at + 1} of` : `after statement ${at} of`;
  return `${state} ${where} ${statements}${errorCode === null ? '' : ` (${errorCode})`}`;
}
