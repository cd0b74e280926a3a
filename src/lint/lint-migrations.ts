import type { ParsedMigration } from '../journal/journal.js';
import { nearest } from '../nearest.js';
import { stepsOf, WITH_DATA } from '../plan/steps.js';
import { unitsOf } from '../plan/units.js';
import type { ClassifiedStatement, Dialect, SqlMode } from '../statements/statement.js';
import { readAlterTable } from '../statements/table-changes/read-alter-table.js';
import type { LintedMigration, LintFinding } from './finding.js';
import {
  afterStatement,
  isAddedIn,
  isNewIn,
  isProvenNotNull,
  RANGE_START,
  tableIsNewIn,
  type RangeState,
} from './range.js';
import type { LintServer, Remark, Rule, StatementSubject } from './rule.js';
import { ALLOW_RULES, RULES } from './rules.js';

/** What lint has to know beside the migrations. */
export interface LintOptions {
  readonly dialect: Dialect;
  /** null = not known: what holds for some versions only is left out. */
  readonly server: LintServer | null;
  readonly mode?: SqlMode;
}

/** A finding before anybody asked whether it is waived. */
interface Raw extends Remark {
  readonly rule: Pick<Rule, 'id' | 'tier'>;
  readonly statement: ClassifiedStatement | null;
  readonly line?: number;
}

/**
 * What is unsafe in migrations that are released together, in journal order: tables that one of them creates are empty for those
 * after it. Pure.
 *
 * What an `@operation` line covers is the operation's to do safely and is not looked at; what an `@online` line covers is looked at
 * where it has no online form, and by rules that an online form does not settle.
 */
export function lintMigrations(
  migrations: readonly ParsedMigration[],
  options: LintOptions,
): readonly LintedMigration[] {
  let state = RANGE_START;
  let transactions = 0;
  return migrations.map((migration) => {
    const { findings, after, used } = lintOne(migration, state, transactions, options);
    state = after;
    transactions += used;
    const { directives } = migration;
    return {
      tag: migration.migration.tag,
      file: migration.migration.file,
      impact: migration.impact,
      requires: migration.requires,
      reversible: migration.migration.downFile !== null && directives.irreversible === null,
      findings,
    };
  });
}

function lintOne(
  migration: ParsedMigration,
  before: RangeState,
  firstTransaction: number,
  options: LintOptions,
): {
  readonly findings: readonly LintFinding[];
  readonly after: RangeState;
  readonly used: number;
} {
  const { dialect, mode, server } = options;
  const units = unitsOf(migration, stepsOf(migration, WITH_DATA), dialect);
  const unitOf = new Map<number, number>();
  for (const [number, { steps }] of units.entries())
    for (const step of steps) if (step.kind === 'statement') unitOf.set(step.index, number);

  const found: Raw[] = [];
  const settled = new Set<number>();
  let state = before;
  for (const statement of migration.statements) {
    const alter = readAlterTable(statement.sql, dialect, mode);
    const unit = unitOf.get(statement.index);
    const transaction = firstTransaction + (unit ?? units.length);
    if (unit !== undefined) {
      const online = migration.online.has(statement.index);
      if (online) settled.add(statement.index);
      const at = state;
      const subject: StatementSubject = {
        statement,
        alter,
        dialect,
        server,
        migration,
        isNew: (object) => isNewIn(at, object),
        tableIsNew: (object) => tableIsNewIn(at, object),
        provenNotNull: (column) =>
          alter !== null && isProvenNotNull(at, alter.table, column, transaction),
        addedInThisTransaction: (constraint) =>
          alter !== null && isAddedIn(at, alter.table, constraint, transaction),
      };
      for (const rule of RULES) {
        if (rule.scope !== 'statement' || (online && rule.settledByOnline)) continue;
        const remark = rule.check(subject);
        if (remark !== null) found.push({ ...remark, rule, statement });
      }
    }
    state = afterStatement(state, statement, alter, transaction, dialect);
  }

  const after = state;
  const withStatements = units
    .filter(({ mode: kind }) => kind === 'transaction')
    .map(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'statement' && !settled.has(step.index)
          ? (migration.statements[step.index] ?? [])
          : [],
      ),
    );
  for (const rule of RULES) {
    if (rule.scope !== 'migration') continue;
    const remarks = rule.check({
      migration,
      dialect,
      transactions: withStatements,
      created: before.created,
      tableIsNew: (object) => tableIsNewIn(after, object),
      stoppedAt: new Set(
        found.flatMap(({ statement, rule: { tier } }) =>
          statement === null || tier === 'warning' ? [] : [statement.index],
        ),
      ),
    });
    found.push(...remarks.map((remark) => ({ ...remark, rule })));
  }
  const findings = [...found, ...allowRemarks(migration, found)]
    .map((raw) => findingOf(raw, migration))
    .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return { findings, after, used: units.length + 1 };
}

function findingOf(raw: Raw, { migration, directives }: ParsedMigration): LintFinding {
  const allow = directives.allow.find(({ rule }) => rule === raw.rule.id);
  const waivable = raw.rule.tier !== 'error';
  return {
    rule: raw.rule.id,
    tier: raw.rule.tier,
    message:
      allow !== undefined && !waivable
        ? `${raw.message} An @allow line does not waive this.`
        : raw.message,
    safeWay: raw.safeWay,
    tag: migration.tag,
    file: migration.file,
    line: raw.line ?? raw.statement?.line ?? null,
    statement: raw.statement === null ? null : raw.statement.index + 1,
    allowed: allow !== undefined && waivable ? { reason: allow.reason, line: allow.line } : null,
  };
}

/** What is to be said of `@allow` lines themselves. */
function allowRemarks({ directives }: ParsedMigration, found: readonly Raw[]): readonly Raw[] {
  const known = [...RULES, ...ALLOW_RULES].map(({ id }) => id);
  return directives.allow.flatMap(({ rule, line }): readonly Raw[] => {
    const [unused, unknown] = ALLOW_RULES;
    if (unused === undefined || unknown === undefined) return [];
    if (!known.includes(rule)) {
      const meant = nearest(rule, known);
      return [
        {
          rule: unknown,
          statement: null,
          line,
          message: `There is no rule ${rule}, so that this @allow line waives nothing.${meant === null ? '' : ` Did you mean ${meant}?`}`,
          safeWay: null,
        },
      ];
    }
    if (found.some((each) => each.rule.id === rule)) return [];
    return [
      {
        rule: unused,
        statement: null,
        line,
        message: `Nothing in this file breaks the rule ${rule}: the @allow line waives nothing and can go.`,
        safeWay: null,
      },
    ];
  });
}
