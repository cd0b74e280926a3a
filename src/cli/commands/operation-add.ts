import type { AddedLines } from '../../migrator/operations-contract.js';
import { printable } from '../../report/printable.js';
import { defineCommand } from '../command.js';
import type { Style } from '../output/style.js';

interface AddFlags {
  readonly to: string;
  readonly dryRun?: boolean;
}

/** Writes an operation's lines into a migration. */
export const operationAdd = defineCommand<AddFlags>({
  name: 'operation add',
  declare: (command) =>
    command
      .summary('write the lines of an operation into a migration that is not applied yet')
      .description(
        'Writes -- @operation lines above the statements that Drizzle Kit generated and the phases of the operation cover; every other byte of the file stays. Refused (exit 7) for a migration that this database has. The command line knows definitions with --module.',
      )
      .argument('<name>', 'the operation, as it is registered')
      .requiredOption('--to <tag>', 'the migration')
      .option('--dry-run', 'only print what would be written')
      .addHelpText(
        'after',
        '\nExample:\n  nest-migrate operation add users-full-name --to 0007_full_name --module dist/migrations.module.js',
      ),
  run: async ({ migrator, args, flags, signal }) => {
    const [name = ''] = args;
    const result = await migrator.operations.add(name, {
      to: flags.to,
      signal,
      ...(flags.dryRun === true && { dryRun: true }),
    });
    return { result, text: async (style) => summary(result, flags.dryRun === true, style) };
  },
});

function summary({ name, file, lines }: AddedLines, dryRun: boolean, style: Style): string {
  if (lines.length === 0) return `${file} has the lines of ${name} already.`;
  const width = String(lines.at(-1)?.line ?? 0).length;
  return [
    dryRun ? `${file} would get:` : `${file} has now:`,
    ...lines.map(({ line, text, added }, index) => {
      const gap = index > 0 && lines[index - 1]?.line !== line - 1 ? ['  ...'] : [];
      const shown = `${String(line).padStart(width)} ${added ? '+' : ' '} ${printable(text)}`;
      return [...gap, added ? style.good(shown) : shown].join('\n');
    }),
  ].join('\n');
}
