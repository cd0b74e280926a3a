import { expect, it } from '@jest/globals';
import type { OperationState, Phase } from '../../src/operations/operation.js';
import { operationGrounds } from '../../src/readiness/operation-grounds.js';

const grounds = (phases: readonly Phase[], state: OperationState | null): readonly string[] =>
  operationGrounds(
    [{ name: 'users-name', phases: new Set(phases) }],
    new Map(state === null ? [] : [['users-name', state]]),
  ).map(({ reason, neverReady, alreadyReady }) => {
    expect([neverReady, alreadyReady]).toEqual(['down', 'down']);
    expect(reason.tags).toEqual(['users-name']);
    return reason.code;
  });

const BEGINS: readonly Phase[] = ['expand', 'backfill', 'verify'];
const ENDS: readonly Phase[] = [...BEGINS, 'contract'];

it.each<readonly [string, readonly Phase[], OperationState | null, readonly string[]]>([
  ['a build that begins it needs no more than that it is begun', BEGINS, 'expanded', []],
  ['while rows are gone through', BEGINS, 'backfilling', []],
  ['one that ends it reads the new form alone', ENDS, 'expanded', ['operation_not_ready']],
  ['rows copied and not verified', ENDS, 'backfilled', ['operation_not_ready']],
  ['verified', ENDS, 'verified', []],
  ['ended', ENDS, 'done', []],
  ['ended under a build that only begins it', BEGINS, 'done', ['operation_contracted']],
  [
    'being ended under a build that only begins it',
    BEGINS,
    'contracting',
    ['operation_contracted'],
  ],
  ['taken back', BEGINS, 'undone', ['operation_not_ready']],
  ['not on record: its covered statements were run', ENDS, null, []],
  ['no verification asked for', ['expand', 'backfill', 'contract'], 'backfilled', []],
  ['a build that only ends it', ['contract'], 'verified', []],
])('%s', (_, phases, state, expected) => {
  expect(grounds(phases, state)).toEqual(expected);
});

it('a newer build that leaves word by @requires is believed', () => {
  const called = [{ name: 'users-name', phases: new Set(BEGINS) }];
  const states = new Map<string, OperationState>([['users-name', 'done']]);
  expect(operationGrounds(called, states, false)).toHaveLength(1);
  expect(operationGrounds(called, states, true)).toEqual([]);
});
