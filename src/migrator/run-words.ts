import type { UpOptions } from '../migrator.js';

/** What was said on the command line that is to be found again beside what it led to. */
export function reasonOf(
  options: Pick<UpOptions, 'withoutCoordinator' | 'fleetConfirmed' | 'allowDowntime'>,
  hasCoordinator: boolean,
): string | null {
  const said = [
    ...(options.withoutCoordinator === true && hasCoordinator ? ['without coordinator'] : []),
    ...(options.fleetConfirmed === true ? ['fleet confirmed'] : []),
    ...(options.allowDowntime === true ? ['downtime allowed'] : []),
  ];
  return said.length > 0 ? said.join(', ') : null;
}

/** How runs of this migrator name themselves to those who wait for them. */
export function appName(name: string): string {
  return name === 'default' ? 'nest-migrate' : `nest-migrate (${name})`;
}
