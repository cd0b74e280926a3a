import { createBuildKnowledge } from '../../src/readiness/knowledge.js';
import type { Journal, Migration } from '../../src/journal/journal.js';
import { read } from './observations.js';

const migration = (tag: string, position: number): Migration =>
  ({ tag, position, createdAtMs: position * 1000 }) as Migration;
const journal = {
  migrations: [migration('a', 0), migration('b', 1), migration('c', 2)],
} as unknown as Journal;

const { match } = read([
  { tag: 'a' },
  { tag: 'b', verdict: 'pending' },
  { tag: 'c', verdict: 'ambiguous' },
]);

it('the journal is loaded once, and each missing migration is parsed once', async () => {
  let loads = 0;
  const parsed: string[] = [];
  const knowledge = createBuildKnowledge(
    () => {
      loads += 1;
      return Promise.resolve(journal);
    },
    ({ tag }) => {
      parsed.push(tag);
      return 'contract';
    },
  );
  await knowledge.describe(match);
  expect((await knowledge.describe(match)).map(({ tag, impact }) => [tag, impact])).toEqual([
    ['a', null],
    ['b', 'contract'],
    ['c', 'contract'],
  ]);
  expect(loads).toBe(1);
  expect(parsed).toEqual(['b', 'c']);
});

it('a migration that cannot be parsed counts as required', async () => {
  const knowledge = createBuildKnowledge(
    () => Promise.resolve(journal),
    () => {
      throw new Error('unterminated');
    },
  );
  expect((await knowledge.describe(match)).map(({ impact }) => impact)).toEqual([null, null, null]);
});

it('a journal that could not be loaded is tried again', async () => {
  let loads = 0;
  const knowledge = createBuildKnowledge(
    () => ((loads += 1) === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(journal)),
    () => 'expand',
  );
  await expect(knowledge.journal()).rejects.toThrow('gone');
  await expect(knowledge.journal()).resolves.toBe(journal);
});
