import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt, LedgerMatch, Match } from '../ledger/ledger.js';
import type { Finding } from '../run-events.js';
import type { ObjectName, SchemaEffect } from '../statements/statement.js';
import type { ConsentBy } from './gate.js';
import type { DatabaseObservation } from './plan.js';
import { gotSomewhere } from './got-somewhere.js';

/** Applied late, by policy. */
export function outOfOrderFinding(match: Match): Finding {
  return {
    code: 'out-of-order',
    severity: 'warning',
    tag: match.tag,
    message: `${match.tag} stands before migrations that are already applied, as after a late merge. It is applied now; a fresh database applies it earlier.`,
  };
}

const VERDICT_MESSAGES: Partial<Record<Match['verdict'], string>> = {
  edited:
    'was edited after it was applied; policy "edited: warn" lets the run go on. The edit is not applied.',
  'edited-before-adoption':
    'differs from what the ledger recorded before this tool was adopted; it counts as applied. The edit is not applied.',
  'comments-changed': 'differs from what was applied in comments and white space only.',
  'line-endings':
    'differs from what was applied in line endings only: put "*.sql text eol=lf" into .gitattributes.',
  renamed: 'is recorded under another name; drizzle-orm 1.x would run it again.',
  retimed: 'is recorded with another time: a regenerated journal, or a row written by hand.',
  'name-missing': 'is recorded without a name; drizzle-orm 1.x would run it again.',
};

/** Applied in another sense than to the letter. */
export function verdictFindings(match: Match): readonly Finding[] {
  const message = VERDICT_MESSAGES[match.verdict];
  if (message === undefined) return [];
  return [
    {
      code: match.verdict,
      severity: 'warning',
      tag: match.tag,
      message: `${match.tag} ${message}`,
    },
  ];
}

/** Nobody was asked, or nobody's objection counted: say what an older build would miss. */
export function withoutFleet(
  parsed: ParsedMigration,
  by: Exclude<ConsentBy, 'fleet' | 'new-database'>,
): Finding {
  const missed = parsed.statements
    .flatMap((statement) => statement.is.effects)
    .filter((effect) => harmsOlderBuilds(effect))
    .map(({ object }) => nameOfObject(object));
  const names = [...new Set(missed)];
  const listed =
    names.slice(0, 8).join(', ') + (names.length > 8 ? `, ${names.length - 8} more` : '');
  return {
    code: parsed.impact === 'contract' ? 'contract-without-fleet' : 'breaking-without-fleet',
    severity: 'warning',
    tag: parsed.migration.tag,
    file: parsed.migration.file,
    message: `${parsed.migration.tag} is a ${parsed.impact} migration, and ${UNASKED[by]}: builds that do not know it would miss ${listed || 'what it changes'}.`,
  };
}

const UNASKED: Readonly<Record<Exclude<ConsentBy, 'fleet' | 'new-database'>, string>> = {
  'nobody-registered': 'no instance is registered that could object',
  'fleet-off': "the fleet is not asked (fleet.mode is 'off')",
  'fleet-confirmed': 'the fleet was confirmed by hand (--fleet-confirmed)',
  'allow-downtime': 'downtime was allowed (--allow-downtime)',
};

function harmsOlderBuilds(effect: SchemaEffect): boolean {
  return (
    effect.effect === 'removes' ||
    effect.effect === 'renames' ||
    effect.effect === 'retypes' ||
    effect.effect === 'tightens' ||
    effect.breaksOldWriters === true
  );
}

/** `column users.nick`. */
export function nameOfObject(object: ObjectName): string {
  const owner = object.table === undefined ? '' : `${object.table.name}.`;
  return `${object.kind} ${owner}${object.name}`;
}

/** The holder of the lock is at it at this moment. */
export function inProgressFinding(
  { migration, statements }: ParsedMigration,
  attempt: Attempt,
): Finding {
  const at = Math.min((attempt.inFlight ?? attempt.statementCursor) + 1, statements.length);
  return {
    code: 'in-progress',
    severity: 'info',
    tag: migration.tag,
    message: `${migration.tag} is being applied right now, at statement ${at} of ${statements.length}.`,
  };
}

/** A way back at this moment. */
export function reversalFindings({ ledger, liveRunner }: DatabaseObservation): readonly Finding[] {
  return ledger.attempts
    .filter(({ kind, runner }) => kind === 'down' && runner === liveRunner)
    .map(({ tag }) => ({
      code: 'in-progress',
      severity: 'info',
      tag,
      message: `${tag} is being reverted right now.`,
    }));
}

/** A migration that got half-way and then left the folder would have no name in any other list. */
export function leftoverFindings(observed: DatabaseObservation): readonly Finding[] {
  const known = new Set(observed.journal.migrations.map(({ tag }) => tag));
  const latest = new Map(
    observed.ledger.attempts
      .filter(({ kind, tag }) => kind === 'migration' && !known.has(tag))
      .map((attempt) => [attempt.tag, attempt]),
  );
  return [...latest.values()]
    .filter((attempt) => attempt.state !== 'done' && gotSomewhere(attempt))
    .map(({ tag, statementCursor, statements }) => ({
      code: 'half-applied-and-gone',
      severity: 'warning',
      tag,
      message: `${tag} was applied in part (${statementCursor} of ${statements} statements) and is not in this folder any more, or has another name: what it did is still there.`,
    }));
}

/** Rows that no entry of the folder claims, and rows that claim what another has claimed before. */
export function unclaimedFindings({ unknown, duplicates }: LedgerMatch): readonly Finding[] {
  const findings: Finding[] = [];
  if (unknown.length > 0) {
    findings.push({
      code: 'ledger-ahead',
      severity: 'info',
      message: `${unknown.length} migration(s) in the ledger are not in this folder: applied by a newer build, or history that was deleted.`,
    });
  }
  if (duplicates.length > 0) {
    findings.push({
      code: 'duplicate-rows',
      severity: 'warning',
      message: `${duplicates.length} ledger row(s) record a migration a second time. They do nothing; two unlocked runs wrote them.`,
    });
  }
  return findings;
}

/** An operation that begins in a database without data and is registered nowhere: nothing will keep its forms equal. */
export function unregisteredFindings({
  ledger,
  pending,
  operations,
}: Pick<DatabaseObservation, 'ledger' | 'pending' | 'operations'>): readonly Finding[] {
  if (!ledger.empty) return [];
  const lines = pending.flatMap(({ migration, directives }) =>
    directives.operations.map(({ name, phase }) => ({ tag: migration.tag, name, phase })),
  );
  return lines
    .filter(({ name, phase }) => phase === 'expand' && !operations.registered.has(name))
    .filter(({ name }) => !lines.some((one) => one.name === name && one.phase === 'contract'))
    .map(({ tag, name }) => ({
      code: 'operation-not-registered',
      severity: 'warning',
      tag,
      message: `${tag} begins the operation ${name}, which is registered nowhere: only its statements run here, no trigger keeps the two forms equal, and a later phase will be refused. The command line knows operations with --module.`,
    }));
}

/** A plan for a database that is told to be a test's: whoever reads it of another one has set the option in the wrong place. */
export function asTold<
  P extends { readonly actions: readonly unknown[]; readonly findings: readonly Finding[] },
>(plan: P, { scratch }: { readonly scratch: boolean }): P {
  if (!scratch || plan.actions.length === 0) return plan;
  const finding: Finding = {
    code: 'scratch-database',
    severity: 'warning',
    message:
      'The option `scratch` is set: the database is treated as empty, so that no instance is asked, nothing is backed up, and operations are the statements that they cover.',
  };
  return { ...plan, findings: [finding, ...plan.findings] };
}
