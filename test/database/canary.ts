import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { type ErrorCode, MigratorError } from '../../src/errors.js';

/** Stands for every secret: as password, as row value, inside SQL. */
export const CANARY = 'cAnArY%40-sEcReT';

/** What the promise is rejected with, which must be ours and carry the code. */
export async function refusal(code: ErrorCode, promise: Promise<unknown>): Promise<MigratorError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(MigratorError);
  expect((error as MigratorError).code).toBe(code);
  expectNoSecret(error);
  return error as MigratorError;
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('resolved');
    },
    (error: unknown) => error,
  );
}

/** None of the ways in which an error reaches a log shows a secret. */
export function expectNoSecret(error: unknown, ...secrets: readonly string[]): void {
  const shown = [
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 10, showHidden: true }),
    inspect({ error }, { depth: 10 }),
    (error as Error).stack ?? '',
    (error as Error).message,
  ].join('\n');
  for (const secret of [CANARY, decodeURIComponent(CANARY), 'cAnArY', ...secrets]) {
    expect(shown).not.toContain(secret);
  }
}
