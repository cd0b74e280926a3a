import { defineCommand } from '../command.js';
import { count, findings } from '../output/wording.js';

/** Files against ledger. */
export const verify = defineCommand({
  name: 'verify',
  declare: (command) =>
    command
      .summary('are the applied files still what was applied?')
      .description(
        'Holds the files against the ledger: exit 4 names an edited file, a journal entry without file or two rows for one migration. Read-only.',
      )
      .addHelpText('after', '\nExample:\n  nest-migrate verify --json'),
  run: async ({ migrator, signal }) => {
    const result = await migrator.verify({ signal });
    return {
      result,
      text: async (style) =>
        [
          ...findings(result.findings, style),
          style.good(`${count(result.checked, 'migration')} checked, no error.`),
        ].join('\n'),
    };
  },
});
