import { MigratorError } from '../../errors.js';
import { defineFolderCommand, type Workplace } from '../command.js';
import { tagsAtRef } from '../git-journal.js';
import type { Style } from '../output/style.js';
import { count } from '../output/wording.js';

type LintModule = typeof import('../../migrator/lint.js');
type LintResult = ReturnType<LintModule['lintFolder']>;
type LintedMigration = LintResult['migrations'][number];
type LintFinding = LintedMigration['findings'][number];

interface LintFlags {
  readonly base?: string;
  readonly all?: boolean;
}

/** What is unsafe in migrations, and the safe way. */
export const lint = defineFolderCommand<LintFlags>({
  name: 'lint',
  declare: (command) =>
    command
      .summary('what is unsafe in migrations, and the safe way')
      .description(
        'Looks at the migrations that are pending, or with --base at those that a git ref does not have; without a database and without --base at all of them, each as a release of its own. Exit 4 when something wants the safe way or an @allow line.',
      )
      .option(
        '--base <git ref>',
        'only migrations that are not in the journal at this ref, such as origin/main; connects to nothing',
      )
      .option('--all', 'every migration, each as a release of its own; connects to nothing')
      .addHelpText(
        'after',
        `
Examples:
  nest-migrate lint --base origin/main
  nest-migrate lint --json`,
      ),
  run: async ({ workplace, flags, signal }) => {
    if (flags.base !== undefined && flags.all === true) throw baseAndAll();
    const result = await look(workplace, flags, signal);
    const stopping = result.migrations.flatMap(({ findings }) =>
      findings.filter(({ tier, allowed }) => tier !== 'warning' && allowed === null),
    );
    const { lintRefusal } = await import('../../migrator/lint.js');
    return {
      result,
      text: async (style) => text(result, style),
      ...(stopping.length > 0 && { verdict: lintRefusal(stopping, 'Nothing was executed.') }),
    };
  },
});

async function look(
  workplace: Workplace,
  { base, all }: LintFlags,
  signal: AbortSignal,
): Promise<LintResult> {
  const known = base === undefined ? null : (folder: string) => tagsAtRef(folder, base);
  if (workplace.kind === 'migrator') {
    return workplace.migrator.lint({
      signal,
      ...(known !== null && { known }),
      ...(all === true && { all }),
    });
  }
  const { lintFolder } = await import('../../migrator/lint.js');
  const { source } = workplace;
  return lintFolder(source, known === null ? null : await known(source.folder));
}

function baseAndAll(): MigratorError {
  return new MigratorError('USAGE', {
    message: '--base and --all exclude each other.',
    state: 'Nothing was connected to and nothing was changed.',
    remedy: 'Leave one of them out.',
  });
}

const RANGES: Readonly<Record<LintResult['range'], string>> = {
  pending: 'pending',
  new: 'new',
  all: '',
};

function text(result: LintResult, style: Style): string {
  const { errors, needAllow, warnings, allowed } = result.counts;
  const looked = count(result.migrations.length, `${RANGES[result.range]} migration`.trim());
  const found = [
    count(errors, 'error'),
    `${needAllow} to be made safe or allowed`,
    count(warnings, 'warning'),
    ...(allowed === 0 ? [] : [`${allowed} allowed`]),
  ].join(', ');
  const paint = errors + needAllow > 0 ? style.bad : warnings > 0 ? style.warn : style.good;
  return [
    ...result.migrations.flatMap((migration) => migrationLines(migration, style)),
    `${looked} looked at: ${paint(found)}.`,
  ].join('\n');
}

function migrationLines(migration: LintedMigration, style: Style): string[] {
  const facts = [
    migration.impact,
    migration.reversible ? 'has a way back' : 'no way back',
    ...(migration.requires === null ? [] : [`every build must know ${migration.requires}`]),
  ];
  return [
    `${style.bold(migration.tag)} (${facts.join(', ')})`,
    ...migration.findings.flatMap((finding) => findingLines(finding, style)),
  ];
}

function findingLines(finding: LintFinding, style: Style): string[] {
  const { rule, tier, line, message, safeWay, allowed } = finding;
  const place = `${finding.file}${line === null ? '' : `:${line}`}`;
  if (allowed !== null) {
    return [style.dim(`  allowed ${rule} (${place}): ${allowed.reason}`)];
  }
  const label = {
    error: style.bad('error'),
    allow: style.bad('unsafe'),
    warning: style.warn('warning'),
  };
  return [
    `  ${label[tier]} ${rule} (${place}): ${message}`,
    ...(safeWay === null ? [] : safeWay.split('\n').map((each) => style.dim(`    | ${each}`))),
  ];
}
