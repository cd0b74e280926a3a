import type { OperationStatus } from '../../migrator/operations-contract.js';
import { defineCommand } from '../command.js';
import { fleetSetAside, type DownFlags } from './down.js';
import { formatDuration } from '../../wording/duration.js';
import { table } from '../output/table.js';

/** Operations, and how far this database is with each. */
export const operationList = defineCommand<object>({
  name: 'operation list',
  declare: (command) =>
    command
      .summary('operations, and how far this database is with each')
      .description(
        'Lists the operations on record in this database and those that the configuration registers. The command line knows definitions with --module.',
      ),
  run: async ({ migrator, signal }) => {
    const operations = await migrator.operations.list({ signal });
    return {
      result: { operations },
      text: async () =>
        operations.length === 0
          ? 'No operation is on record, and none is registered.'
          : table(
              ['operation', 'kind', 'state', 'since', 'still to do', 'definition'],
              operations.map(rowOf),
            ),
    };
  },
});

/** Takes an operation back. */
export const operationUndo = defineCommand<Pick<DownFlags, 'allowDowntime' | 'fleetConfirmed'>>({
  name: 'operation undo',
  declare: (command) =>
    command
      .summary('take an operation back to the schema from before its expand')
      .description(
        'Drops what expand made: triggers, functions and the new column. Nothing is lost, because both forms are kept in step. Refused (exit 7) once contract has begun, and for a rename while instances run that know it: deploy builds that do not need the new form first.',
      )
      .argument('<name>', 'the operation, as `operation list` prints it')
      .option('--allow-downtime', 'undo although instances run that may fail')
      .option(
        '--fleet-confirmed',
        'you have made certain that no build which knows the operation runs',
      )
      .addHelpText(
        'after',
        '\nExample:\n  nest-migrate operation undo users-full-name --module dist/migrations.module.js',
      ),
  confirms: fleetSetAside,
  run: async ({ migrator, args, flags, signal, lockWaitMs }) => {
    const [name = ''] = args;
    const result = await migrator.operations.undo(name, {
      signal,
      allowDowntime: flags.allowDowntime === true,
      fleetConfirmed: flags.fleetConfirmed === true,
      ...(lockWaitMs !== undefined && { waitMs: lockWaitMs }),
    });
    return {
      result,
      text: async (style) =>
        [
          style.good(
            `${result.name} was ${result.from} and is undone, in ${formatDuration(result.durationMs)}.`,
          ),
          `Migrations that called it count as applied and are not run again. To begin anew: nest-migrate operation add ${result.name} --to <a new migration>`,
        ].join('\n'),
    };
  },
});

function rowOf({
  name,
  kind,
  state,
  leftToWorker,
  enteredAt,
  pending,
  definition,
}: OperationStatus): readonly string[] {
  return [
    name,
    kind,
    leftToWorker.length === 0 ? state : `${state} (worker: ${leftToWorker.join(', ')})`,
    enteredAt ?? '-',
    pending === null ? '-' : String(pending),
    definition.replace('-', ' '),
  ];
}
