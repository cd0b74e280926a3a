import { MigratorError } from '../errors.js';
import type { OperationState } from '../operations/operation.js';
import type { MigratorEnvironment } from './environment.js';

/** Where an operation stands, as it was read last. */
export function phaseOf(
  environment: MigratorEnvironment,
  states: ReadonlyMap<string, OperationState> | null,
  name: string,
): OperationState | null {
  if (!environment.options.operations.has(name)) throw notRegistered(environment, name);
  return states === null ? null : (states.get(name) ?? 'planned');
}

/** Only what the options name can be carried out. */
export function notRegistered({ options }: MigratorEnvironment, name: string): MigratorError {
  const known = [...options.operations.keys()];
  return new MigratorError('UNKNOWN_OPERATION', {
    message: `No operation named ${name} is registered${known.length > 0 ? `; registered are ${known.join(', ')}` : '; none is registered'}.`,
    remedy:
      'Register it in the option `operations`; the command line knows operations only with --module.',
    state: 'Nothing was changed.',
    details: { name, registered: known },
  });
}
