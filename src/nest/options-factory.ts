import type { Provider } from '@nestjs/common';
import { isMigratorError, MigratorError } from '../errors.js';
import { asMigratorError, nameOf } from '../report/unexpected.js';
import { MIGRATOR_OPTIONS } from './migrator.tokens.js';

/**
 * The provider of the options, with what its factory throws told as configuration: the commonest cause is a variable that is not
 * set, and Nest would print the raw error. Other providers come back as they are.
 */
export function toldAsConfiguration(provider: Provider, name: string): Provider {
  if (typeof provider === 'function' || provider.provide !== MIGRATOR_OPTIONS) return provider;
  if (!('useFactory' in provider)) return provider;
  const { useFactory } = provider;
  return {
    ...provider,
    useFactory: async (...dependencies: unknown[]): Promise<unknown> => {
      try {
        return await useFactory(...dependencies);
      } catch (error) {
        throw factoryFailed(name, error);
      }
    },
  };
}

function factoryFailed(name: string, error: unknown): MigratorError {
  if (isMigratorError(error)) return error;
  const told = asMigratorError(error);
  // Its own message is kept only where it holds names alone.
  const why = told.code === 'CONFIGURATION' ? `: ${told.message}` : '';
  return new MigratorError('CONFIGURATION', {
    message: `The factory of MigratorModule (${name}) threw ${nameOf(error)}${why}; nothing was connected to.`,
    state: 'Nothing was changed.',
    remedy:
      'Check that every environment variable and setting the factory reads is set in this process, DATABASE_URL for instance; then run this again.',
    details: told.details,
    cause: error,
  });
}
