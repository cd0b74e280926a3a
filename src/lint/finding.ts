import type { Impact } from '../statements/statement.js';

/**
 * How much a finding weighs.
 * - `error`: the statement fails, or changes rows silently, on a table with rows; `@allow` does not waive it, because a form that works always exists.
 * - `allow`: it blocks or breaks what runs meanwhile; wants the safe way, or `-- @allow <rule>: <reason>`.
 * - `warning`: worth a look; stops nothing.
 */
export type Tier = 'error' | 'allow' | 'warning';

/** One thing that is unsafe in a migration, and the safe way. */
export interface LintFinding {
  /** As `@allow` names it. */
  readonly rule: string;
  readonly tier: Tier;
  /** What happens, in a sentence or two. Names of objects; never literals or expressions. */
  readonly message: string;
  /** The safe way, as text to paste; null = the message says what to do. */
  readonly safeWay: string | null;
  readonly tag: string;
  /** Path of the file, as the folder was given. */
  readonly file: string;
  /** 1-based; null = the file as a whole. */
  readonly line: number | null;
  /** 1-based number of the statement; null = the file as a whole. */
  readonly statement: number | null;
  /** The `@allow` line that waives it; null = none does. */
  readonly allowed: { readonly reason: string; readonly line: number } | null;
}

/** One migration as lint sees it. */
export interface LintedMigration {
  readonly tag: string;
  readonly file: string;
  readonly impact: Impact;
  /** Tag of the migration that every running build must know; null = none. */
  readonly requires: string | null;
  /** Whether it has a down file and is not declared irreversible. */
  readonly reversible: boolean;
  readonly findings: readonly LintFinding[];
}

/** How many findings of each tier nothing waives, and how many are waived. */
export interface LintCounts {
  readonly errors: number;
  readonly needAllow: number;
  readonly warnings: number;
  readonly allowed: number;
}

/** Counts findings. */
export function countFindings(migrations: readonly LintedMigration[]): LintCounts {
  const findings = migrations.flatMap((migration) => migration.findings);
  const open = (tier: Tier): number =>
    findings.filter((finding) => finding.tier === tier && finding.allowed === null).length;
  return {
    errors: open('error'),
    needAllow: open('allow'),
    warnings: open('warning'),
    allowed: findings.filter(({ allowed }) => allowed !== null).length,
  };
}

/** Whether a finding stops a lint that is to pass. */
export function isStopping({ tier, allowed }: LintFinding): boolean {
  return tier !== 'warning' && allowed === null;
}
