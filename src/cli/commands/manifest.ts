import { writeFile } from 'node:fs/promises';
import { MigratorError } from '../../errors.js';
import { defineFolderCommand } from '../command.js';

interface ManifestFlags {
  readonly out?: string;
  readonly service?: string;
  readonly build?: string;
}

/** Writes what a build needs of its database. */
export const manifest = defineFolderCommand<ManifestFlags>({
  name: 'manifest',
  declare: (command) =>
    command
      .summary('write what this build needs of its database, when it is built')
      .description(
        'Prints a manifest of the migrations folder: what each migration is and requires. An image that only serves can do with it instead of the folder (migrations: "./manifest.json"), and `can-run --build` asks by it. Connects to nothing.',
      )
      .option('--out <file>', 'write it to a file')
      .option(
        '--service <name>',
        'name of the application; default: OTEL_SERVICE_NAME, else npm_package_name',
      )
      .option('--build <release>', 'release or image tag; default: RELEASE, else GIT_SHA')
      .addHelpText('after', '\nExample:\n  nest-migrate manifest --out manifest.json'),
  run: async ({ workplace, flags }) => {
    const facts = {
      ...(flags.service !== undefined && { service: flags.service }),
      ...(flags.build !== undefined && { build: flags.build }),
    };
    const made =
      workplace.kind === 'migrator'
        ? workplace.migrator.manifest(facts)
        : (await import('../../migrator/manifest.js')).manifestOfFolder(workplace.source, facts);
    const text = `${JSON.stringify(made, null, 2)}\n`;
    const { out } = flags;
    if (out !== undefined) await write(out, text);
    return {
      result: made,
      text: async (style) =>
        out === undefined
          ? text.trimEnd()
          : style.good(`${out} says what ${made.migrations.length} migration(s) require.`),
    };
  },
});

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new MigratorError('USAGE', {
      message: `${path} cannot be written.`,
      state: 'Nothing was changed.',
      remedy: 'Name a file in a folder that exists and may be written.',
      cause,
    });
  }
}
