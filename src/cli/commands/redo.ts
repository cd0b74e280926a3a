import { renderDownResult } from '../../report/down-report.js';
import { renderUpResult } from '../../report/up-report.js';
import { defineCommand } from '../command.js';
import { declareDownFlags, downOptionsOf, fleetSetAside, type DownFlags } from './down.js';

/** Reverts the last migration and applies it again. */
export const redo = defineCommand<DownFlags>({
  name: 'redo',
  declare: (command) =>
    declareDownFlags(
      command
        .summary('revert the last migration and apply it again')
        .description(
          'For a migration that is being written: reverts the last one that is applied by its down file, and applies it again as its file is now. A file that was edited meanwhile is applied as it is now.',
        ),
    ),
  confirms: fleetSetAside,
  run: async ({ migrator, flags, signal, lockWaitMs }) => {
    const result = await migrator.redo(downOptionsOf(flags, signal, lockWaitMs));
    return {
      result,
      text: async () =>
        [
          ...renderDownResult(migrator.name, result.down),
          ...renderUpResult(migrator.name, result.up),
        ].join('\n'),
    };
  },
});
