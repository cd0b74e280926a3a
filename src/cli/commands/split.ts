import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MigratorError } from '../../errors.js';
import { defineFolderCommand } from '../command.js';
import type { Style } from '../output/style.js';

type SplitDraft = ReturnType<(typeof import('../../migrator/lint.js'))['splitFolder']>;

interface SplitFlags {
  readonly write?: boolean;
}

/** Drafts expand and contract out of a migration that is both. */
export const split = defineFolderCommand<SplitFlags>({
  name: 'split',
  declare: (command) =>
    command
      .summary('draft expand and contract out of a breaking migration')
      .description(
        'Prints two drafts that together do what the migration does: one that builds which are running live on with, and one for the next release. For migrations that are applied nowhere. The journal and its files stay as they are.',
      )
      .argument('<tag>', 'the migration')
      .option('--write', 'write the drafts into the folder drafts/ beside the migrations')
      .addHelpText(
        'after',
        '\nExamples:\n  nest-migrate split 0012_rename_full_name\n  nest-migrate split 0012_rename_full_name --write',
      ),
  run: async ({ workplace, args, flags }) => {
    const [tag = ''] = args;
    const draft =
      workplace.kind === 'migrator'
        ? await workplace.migrator.split(tag)
        : (await import('../../migrator/lint.js')).splitFolder(workplace.source, tag);
    const written = flags.write === true ? await write(draft) : [];
    return {
      result: { ...draft, written },
      text: async (style) => text(draft, written, style),
    };
  },
});

/** Beside the migrations, under names that no layout takes for a migration. */
async function write(draft: SplitDraft): Promise<readonly string[]> {
  const parent = draft.file.endsWith('migration.sql')
    ? dirname(dirname(draft.file))
    : dirname(draft.file);
  const folder = join(parent, 'drafts');
  const files = [
    [join(folder, `${draft.tag}.expand.sql`), draft.expand],
    [join(folder, `${draft.tag}.contract.sql`), draft.contract],
  ] as const;
  await mkdir(folder, { recursive: true });
  for (const [file, content] of files) {
    try {
      // A draft that somebody has worked on is not overwritten.
      await writeFile(file, content, { flag: 'wx' });
    } catch (cause) {
      throw new MigratorError('USAGE', {
        message: `The draft cannot be written: ${file} exists already, or the folder takes no files.`,
        state: 'The migrations are as they were.',
        remedy: 'Move the old drafts away, or leave --write out.',
        cause,
      });
    }
  }
  return files.map(([file]) => file);
}

function text(draft: SplitDraft, written: readonly string[], style: Style): string {
  const drafts =
    written.length > 0 ? written.map((file) => `written: ${file}`) : [draft.expand, draft.contract];
  return [
    ...drafts,
    ...(draft.operations.length === 0
      ? []
      : [
          style.bold('Register in the option operations:'),
          ...draft.operations.map((call) => `  ${call},`),
        ]),
    style.bold('Look at:'),
    ...draft.review.map((line) => `- ${line}`),
  ].join('\n');
}
