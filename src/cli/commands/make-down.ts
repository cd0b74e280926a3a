import { MigratorError } from '../../errors.js';
import { defineFolderCommand } from '../command.js';
import type { Style } from '../output/style.js';

type MadeDown = Awaited<
  ReturnType<(typeof import('../../migrator/make-down.js'))['makeDownOfFolder']>
>;

interface MakeDownFlags {
  readonly force?: boolean;
  readonly print?: boolean;
}

/** Drafts the way back of a migration. */
export const makeDown = defineFolderCommand<MakeDownFlags>({
  name: 'make-down',
  declare: (command) =>
    command
      .summary('draft the down file of a migration')
      .description(
        'Writes the down file of a migration, drafted by drizzle-kit from its snapshots: <tag>.down.sql beside it, or down.sql in its folder. Comments say what does not come back and what is to be written by hand. Refused (exit 7) for contracts, for irreversible migrations and where only you know whether something is gone or has another name. Needs drizzle-kit, and no database.',
      )
      .argument('<tag>', 'the migration')
      .option('--print', 'print the draft and write nothing')
      .option('--force', 'replace a down file that is there')
      .addHelpText(
        'after',
        '\nExamples:\n  nest-migrate make-down 0012_order_notes\n  nest-migrate make-down 0012_order_notes --print',
      ),
  run: async ({ workplace, args, flags }) => {
    if (flags.print === true && flags.force === true) throw printAndForce();
    const [tag = ''] = args;
    const { drizzleKitSql: generate } = await import('../drizzle-kit.js');
    const write = flags.print === true ? 'nothing' : flags.force === true ? 'overwrite' : 'new';
    const made =
      workplace.kind === 'migrator'
        ? await workplace.migrator.makeDown(tag, { generate, write })
        : await (
            await import('../../migrator/make-down.js')
          ).makeDownOfFolder(workplace.source, tag, { generate, write });
    return { result: made, text: async (style) => text(made, style) };
  },
});

function printAndForce(): MigratorError {
  return new MigratorError('USAGE', {
    message: '--print and --force exclude each other.',
    state: 'Nothing was written.',
    remedy: 'Leave one of them out.',
  });
}

function text({ file, text: draft, written, complete }: MadeDown, style: Style): string {
  // As it is, so that it may be redirected into a file.
  if (!written) return draft.trimEnd();
  return [
    style.good(`written: ${file}`),
    draft.trimEnd(),
    ...(complete
      ? []
      : [style.warn('Not complete: something in it is to be written by hand or deleted.')]),
  ].join('\n');
}
