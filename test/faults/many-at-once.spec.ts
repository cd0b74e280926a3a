import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startMariaDb,
  startMySql,
  startPostgres,
  type DatabaseServer,
  type ManagedServer,
} from '../servers/index.js';
import { mysqlFolder, postgresFolder } from './folders.js';
import { FaultWorld } from './fault-world.js';
import type { Outcome, RunnerProcess } from './runner-process.js';

const STARTERS = {
  'Postgres 18': () => startPostgres(),
  'Postgres 15': () => startPostgres({ version: 15 }),
  'MySQL 9.7': () => startMySql(),
  'MariaDB 10.11': () => startMariaDb(),
} as const;

/** Defends promise 1: however many start at once, one applies and all others leave with success. */
describe.each(Object.entries(STARTERS))(
  'processes released from a barrier on %s',
  (_name, start) => {
    let own: ManagedServer & DatabaseServer;
    let world: FaultWorld;
    beforeAll(async () => {
      own = await start();
    });
    afterEach(() => world.end());
    afterAll(() => own.stop());

    async function race(program: string, processes: number): Promise<readonly Outcome[]> {
      const folder = own.dialect === 'postgresql' ? postgresFolder : mysqlFolder;
      world = await FaultWorld.create(own, folder.migrations);
      const runners = Array.from({ length: processes }, () =>
        world.runner({ program, env: { BARRIER: 'yes' } }),
      );
      await Promise.all(
        runners.map((runner) =>
          runner.seen('loaded', (event) => (event.type as string) === 'ready'),
        ),
      );
      for (const runner of runners) runner.go();
      return Promise.all(runners.map(({ finished }) => finished));
    }

    it.each([
      [50, 'up.mjs', 'processes'],
      [20, 'up.mjs', 'processes'],
      [20, 'start-up.mjs', 'controlled start-ups'],
    ])(
      '%i (%s, %s) on a fresh database: one applies, all exit 0, each effect once',
      async (processes, program) => {
        const outcomes = await race(program, processes);
        expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(outcomes.map(() => 0));
        const done = outcomes.map(({ document }) => document?.result?.outcome);
        expect(done.filter((outcome) => outcome === 'applied')).toHaveLength(1);
        expect(done.filter((outcome) => outcome === 'nothing-to-do')).toHaveLength(processes - 1);
        expect(outcomes.flatMap(({ stderr }) => stderr.split('\n').filter(isTrouble))).toEqual([]);
        // 23505 and 42P07 are what racing CREATE ... IF NOT EXISTS leave in the log.
        expect(own.output).not.toMatch(/ERROR|FATAL|23505|42P07|duplicate key|already exists/);
        expect(await world.differences()).toEqual([]);
      },
    );

    it('ten of which the holder is killed twice: the others go on, each effect once', async () => {
      // Killed from outside, a runner may die inside the next migration: none of which nothing can decide may be there.
      const folder = own.dialect === 'postgresql' ? postgresFolder : mysqlFolder;
      const undecidable = [...folder.undecidable.keys()].map((key) => key.split(' ')[0]);
      const decidable = folder.migrations.filter(({ tag }) => !undecidable.includes(tag));
      world = await FaultWorld.create(own, decidable);
      const runners = Array.from({ length: 10 }, () => world.runner());
      const killed = new Set<RunnerProcess>();
      for (const tag of ['0001', '0004']) {
        const done = runners
          .filter((runner) => !killed.has(runner))
          .map(async (runner) => {
            await runner.seen(
              tag,
              (event) => event.type === 'migration.finished' && event.tag.startsWith(tag),
            );
            return runner;
          });
        const holder = await Promise.any(done);
        holder.signal('SIGKILL');
        await holder.finished;
        killed.add(holder);
      }
      const left = runners.filter((runner) => !killed.has(runner));
      const outcomes = await Promise.all(left.map(({ finished }) => finished));
      expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(left.map(() => 0));
      // Two were killed before the one that came to the end.
      expect(outcomes.flatMap(({ document }) => document?.result?.fence ?? [])).toEqual(['3']);
      expect(await world.differences()).toEqual([]);
    });
  },
);

/** A line that is not an event, or one that tells of something wrong. */
function isTrouble(line: string): boolean {
  if (line === '' || line.startsWith('[Nest]') || line.includes('"context"')) return false;
  return !line.startsWith('{"level"') || /"type":"(?:migration\.failed|lock\.lost)"/.test(line);
}
