import type { FleetInstance } from '../../migrator/fleet-contract.js';
import { formatDuration } from '../../wording/duration.js';
import { defineCommand } from '../command.js';
import { table } from '../output/table.js';

interface FleetFlags {
  readonly all?: boolean;
}

/** Who runs, and what each knows. */
export const fleet = defineCommand<FleetFlags>({
  name: 'fleet',
  declare: (command) =>
    command
      .summary('the instances that are registered, and what each of them knows')
      .description(
        'Lists the instances of the application as they registered themselves in the database: service, host, build, the last migration that each knows, and whether it still shows signs of life. Only reads.',
      )
      .option('--all', 'also those that stopped, or fell silent long ago'),
  run: async ({ migrator, flags, signal }) => {
    const result = await migrator.fleet({ signal });
    const { instances } = result;
    const shown =
      flags.all === true ? instances : instances.filter(({ state }) => state !== 'gone');
    return {
      result: { ...result, instances: shown },
      text: async () => {
        const hidden = instances.length - shown.length;
        const rest =
          hidden > 0 ? [`${hidden} more stopped or fell silent (--all lists them).`] : [];
        const warnings = [
          ...result.blind,
          ...result.sightings.map((one) => `not registered: ${one}`),
        ];
        if (shown.length === 0)
          return ['No instance is registered.', ...rest, ...warnings].join('\n');
        return [
          table(
            ['service', 'host', 'pid', 'build', 'knows up to', 'state', 'readiness', 'up for'],
            shown.map(rowOf),
          ),
          ...rest,
          ...warnings,
        ].join('\n');
      },
    };
  },
});

function rowOf(instance: FleetInstance): readonly string[] {
  const { service, host, pid, build, head, state, readiness, leaseLeftMs, ageMs } = instance;
  const left =
    state === 'live'
      ? `lease ${formatDuration(leaseLeftMs)}`
      : state === 'silent'
        ? `silent for ${formatDuration(-leaseLeftMs)}`
        : 'gone';
  return [
    service,
    host,
    String(pid),
    build ?? '-',
    head ?? '-',
    left,
    readiness,
    formatDuration(ageMs),
  ];
}
