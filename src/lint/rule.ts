import type { ParsedMigration } from '../journal/journal.js';
import type { Flavour } from '../database/database.js';
import type { CreatedObjects } from '../statements/impact.js';
import type { ClassifiedStatement, Dialect, ObjectName } from '../statements/statement.js';
import type { AlterTable } from '../statements/table-changes/table-change.js';
import type { Tier } from './finding.js';

/** The server that the migrations are for, where it is known: some rules hold for some versions only. */
export interface LintServer {
  readonly flavour: Flavour;
  /** Comparable: 180004, 90704, 101119. */
  readonly versionNumber: number;
}

/** One statement that runs as it is written, and what is known when it does. */
export interface StatementSubject {
  readonly statement: ClassifiedStatement;
  readonly alter: AlterTable | null;
  readonly dialect: Dialect;
  readonly server: LintServer | null;
  readonly migration: ParsedMigration;
  /** Created in the range: no older build knows it. */
  readonly isNew: (object: ObjectName) => boolean;
  /** Its table was created in the range: it holds no rows worth a wait. */
  readonly tableIsNew: (object: ObjectName) => boolean;
  /** A check that is validated, in a transaction before this one, says that the column holds no NULL. */
  readonly provenNotNull: (column: string) => boolean;
  /** A constraint that was added NOT VALID in the transaction that this statement is part of. */
  readonly addedInThisTransaction: (constraint: string) => boolean;
}

/** What a rule has to say. */
export interface Remark {
  readonly message: string;
  readonly safeWay: string | null;
}

/** A remark about a statement of a migration, or about all of it. */
export interface MigrationRemark extends Remark {
  readonly statement: ClassifiedStatement | null;
}

/** A migration as a whole. */
export interface MigrationSubject {
  readonly migration: ParsedMigration;
  readonly dialect: Dialect;
  /** Statements of each transaction, without those that an operation or an online form stands for. */
  readonly transactions: readonly (readonly ClassifiedStatement[])[];
  /** Objects that the range created before this migration. */
  readonly created: CreatedObjects;
  /** As for statements, with what this migration itself creates. */
  readonly tableIsNew: (object: ObjectName) => boolean;
  /** Indexes of statements that a rule has stopped at so far, waived or not. */
  readonly stoppedAt: ReadonlySet<number>;
}

interface RuleBase {
  /** Stable: `@allow` lines name it. */
  readonly id: string;
  readonly tier: Tier;
  /** One line, for lists. */
  readonly about: string;
}

/** A rule that looks at one statement. */
export interface StatementRule extends RuleBase {
  readonly scope: 'statement';
  /** Whether `@online` above a statement that has an online form settles it. */
  readonly settledByOnline: boolean;
  readonly check: (subject: StatementSubject) => Remark | null;
}

/** A rule that looks at a whole migration. */
export interface MigrationRule extends RuleBase {
  readonly scope: 'migration';
  readonly check: (subject: MigrationSubject) => readonly MigrationRemark[];
}

export type Rule = StatementRule | MigrationRule;

/** What each file of rules exports. */
export function statementRule(rule: Omit<StatementRule, 'scope'>): StatementRule {
  return { scope: 'statement', ...rule };
}

/** What each file of rules exports. */
export function migrationRule(rule: Omit<MigrationRule, 'scope'>): MigrationRule {
  return { scope: 'migration', ...rule };
}
