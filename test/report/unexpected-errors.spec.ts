import { inspect } from 'node:util';
import { MigratorError } from '../../src/errors.js';
import { renderErrorBlock } from '../../src/report/error-block.js';
import { asMigratorError } from '../../src/report/unexpected.js';

const CANARY = 'canary-7f3a';

class DrizzleQueryError extends Error {
  readonly params = [CANARY];
  constructor(readonly query: string) {
    super(`Failed query: ${query}\nparams: ${CANARY}\n    at ${CANARY} (/x.js:1:2)`);
  }
}

const everything = (error: MigratorError): string =>
  [
    renderErrorBlock(error).join('\n'),
    JSON.stringify(error),
    inspect(error),
    error.message,
    error.remedy,
  ].join('\n');

it('ours pass through as they are', () => {
  const error = new MigratorError('UNREACHABLE', { message: 'm', remedy: 'r' });
  expect(asMigratorError(error)).toBe(error);
});

it.each([
  ['an error with a URL', new Error(`connect postgres://u:${CANARY}@db failed`)],
  [
    'an error of Drizzle, whose message looks like a stack',
    new DrizzleQueryError(`select '${CANARY}'`),
  ],
  ['an error whose message was changed later', withMessage(new Error('before'), CANARY)],
  ['an aggregate', new AggregateError([new Error(CANARY)], CANARY)],
  ['a string', CANARY],
  ['an object', { code: CANARY, message: CANARY }],
  ['an error with a lower-case code', Object.assign(new Error('x'), { code: CANARY })],
  ['null', null],
])('of %s nothing but class, code and places in the code is kept', (_name, thrown) => {
  const error = asMigratorError(thrown);
  expect(error.code).toBe('INTERNAL');
  expect(everything(error)).not.toContain(CANARY);
});

it('keeps the class, the code and where it was thrown: enough to look for it', () => {
  const error = asMigratorError(Object.assign(new TypeError('x'), { code: 'ECONNREFUSED' }));
  expect(error.message).toContain('TypeError (ECONNREFUSED)');
  expect(error.details['at 1']).toContain('unexpected-errors.spec');
});

it("keeps the messages of Nest's injector and of a missing variable, which hold names only", () => {
  class UnknownDependenciesException extends Error {}
  for (const thrown of [
    new UnknownDependenciesException("Nest can't resolve dependencies of the A (?)"),
    new TypeError('Configuration key "DATABASE_URL" does not exist'),
  ]) {
    expect(asMigratorError(thrown)).toMatchObject({
      code: 'CONFIGURATION',
      message: thrown.message,
    });
  }
});

function withMessage(error: Error, message: string): Error {
  error.message = message;
  return error;
}
