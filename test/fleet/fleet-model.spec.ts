import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { histories, tagAt } from './model/history.js';
import { ModelWorld, type Mutation } from './model/model-world.js';
import { judgeHistory } from './model/oracle.js';

const HISTORIES = 10_000;

const EVERY_GATED_TAG = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((position) => [
  tagAt(position, 'contract'),
  tagAt(position, 'breaking'),
]);

describe('any fleet, whatever happens to it', () => {
  it(`gives no wrong answer in ${HISTORIES} histories`, async () => {
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(histories(25), async (history) => {
        judged += await judgeHistory(history, new ModelWorld(history.steps));
      }),
      { numRuns: HISTORIES },
    );
    expect(judged).toBeGreaterThan(HISTORIES);
  }, 520_000);

  const mutations: Readonly<Record<string, Mutation>> = {
    'forgets the silent at once': { view: (view) => ({ ...view, forgetMs: 0 }) },
    'forgets those whose lease runs': {
      view: (view) => ({
        ...view,
        instances: view.instances.filter(({ leaseLeftMs }) => leaseLeftMs <= 0),
      }),
    },
    'never forgets': { view: (view) => ({ ...view, forgetMs: Infinity }) },
    'waits for those who stopped': {
      view: (view) => ({
        ...view,
        instances: view.instances.map((one) => ({ ...one, stopped: false })),
      }),
    },
    'takes an empty registry for consent': { view: (view) => ({ ...view, intact: true }) },
    'takes every instance for a new one': {
      view: (view) => ({
        ...view,
        instances: view.instances.map((one) => ({
          ...one,
          knows: EVERY_GATED_TAG,
        })),
      }),
    },
    'never asks': { view: (view) => ({ ...view, mode: 'off' }) },
    'always has leave': { view: (view) => ({ ...view, allowDowntime: true, confirmed: true }) },
    'does not look again behind the announcement': { withoutSecondLook: true },
    'reads the ledger before it registers': { readsBeforeItRegisters: true },
    'lets go what builds that run know': {
      view: (view) => ({
        ...view,
        instances: view.instances.map((one) => ({
          ...one,
          knows: (one.knows ?? []).filter((tag) => !tag.endsWith('_expand')),
        })),
      }),
    },
    'does not tell older builds what is required of them': { withoutRequires: true },
    'does not look where operations stand': { withoutOperations: true },
  };
  it.each(Object.entries(mutations))(
    'catches a gate that %s',
    async (_, mutation) => {
      const { failed } = await fc.check(
        fc.asyncProperty(histories(25), async (history) => {
          await judgeHistory(history, new ModelWorld(history.steps, mutation));
        }),
        { numRuns: 20 * HISTORIES, endOnFailure: true },
      );
      expect(failed).toBe(true);
    },
    120_000,
  );
});
