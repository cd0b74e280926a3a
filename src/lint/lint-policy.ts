import { MigratorError } from '../errors.js';
import type { Finding } from '../run-events.js';
import type { DatabasePlan, Policies } from '../plan/plan.js';
import { countFindings, isStopping, type LintFinding } from './finding.js';
import { lintMigrations, type LintOptions } from './lint-migrations.js';

/**
 * A plan with what lint says of the migrations that it is about to begin. Pure.
 *
 * | policy | errors, and findings that want an `@allow` and have none |
 * | --- | --- |
 * | off | not looked for |
 * | warn | warnings of the plan |
 * | error | the same, and one refusal |
 *
 * Findings of tier warning are for whoever writes a file, not for whoever applies it: they would come with every run.
 * A migration that was begun is not looked at: to stop it half-way helps nobody.
 */
export function withLint<Plan extends Pick<DatabasePlan, 'actions' | 'findings' | 'refusals'>>(
  plan: Plan,
  policy: Policies['lint'],
  options: LintOptions,
): Plan {
  if (policy === 'off') return plan;
  const fresh = plan.actions.filter(({ kind }) => kind === 'apply');
  const linted = lintMigrations(
    fresh.map(({ migration }) => migration),
    options,
  );
  const stopping = linted.flatMap(({ findings }) => findings.filter(isStopping));
  const refusals =
    policy === 'error' && stopping.length > 0
      ? [lintRefusal(stopping, 'Nothing was changed.')]
      : [];
  return {
    ...plan,
    findings: [...plan.findings, ...stopping.map(remarkOf)],
    refusals: [...plan.refusals, ...refusals],
  };
}

function remarkOf({ rule, message, tag, file, line }: LintFinding): Finding {
  return {
    code: `lint:${rule}`,
    severity: 'warning',
    message,
    tag,
    file,
    ...(line !== null && { line }),
  };
}

/** How many findings an error spells out. */
const SPELT_OUT = 3;

/**
 * What a lint that does not pass says.
 *
 * @param findings those that stop it; at least one
 */
export function lintRefusal(findings: readonly LintFinding[], state: string): MigratorError {
  const [first] = findings;
  const { errors, needAllow } = countFindings([
    { tag: '', file: '', impact: 'expand', requires: null, reversible: true, findings },
  ]);
  const listed = findings
    .slice(0, SPELT_OUT)
    .map(({ rule, tag, line }) => `${rule} (${tag}${line === null ? '' : `, line ${line}`})`)
    .join(', ');
  const more = findings.length - SPELT_OUT;
  return new MigratorError('LINT', {
    message: `Lint found ${errors} error(s) and ${needAllow} finding(s) that want the safe way or an @allow line: ${listed}${more > 0 ? ` and ${more} more` : ''}.`,
    remedy:
      'nest-migrate lint shows the safe way of each. What is right as it is: -- @allow <rule>: <reason>',
    state,
    ...(first !== undefined && {
      place: {
        migration: first.tag,
        file: first.file,
        ...(first.line !== null && { line: first.line }),
      },
    }),
    details: {
      findings: findings.map(({ rule, tag, line }) => ({ rule, tag, line })),
    },
  });
}
