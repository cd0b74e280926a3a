import { notRegistered } from '../operations/operation-errors.js';
import type { OperationState } from '../operations/operation.js';
import type { MigratorEnvironment } from './environment.js';

/** Where an operation stands, as it was read last. */
export function phaseOf(
  environment: MigratorEnvironment,
  states: ReadonlyMap<string, OperationState> | null,
  name: string,
): OperationState | null {
  if (!environment.options.operations.has(name))
    throw notRegistered(name, environment.options.operations);
  return states === null ? null : (states.get(name) ?? 'planned');
}
