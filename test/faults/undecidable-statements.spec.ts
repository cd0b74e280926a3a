import { afterEach, describe, expect, it } from '@jest/globals';
import { databases, servers } from '../servers/index.js';
import { attemptsOf } from './consistent-ledger.js';
import { effect, FaultWorld, INIT, statements } from './fault-world.js';
import type { Outcome } from './runner-process.js';
import { until } from '../waiting/until.js';

let world: FaultWorld;
afterEach(() => world.end());

/** Defends promise 2: what nothing can decide ends in exit 5 with the exact repair, and both answers lead to the end. */
describe.each(databases)('stored code that commits by itself on $name', ({ server, dialect }) => {
  const TAG = '0002_call';
  const procedure =
    dialect === 'postgresql'
      ? `CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO effects VALUES ('half'); COMMIT; PERFORM pg_sleep(3); INSERT INTO effects VALUES ('whole'); END $$`
      : `CREATE PROCEDURE work() BEGIN INSERT INTO effects VALUES ('half'); UPDATE orders SET total = total + sleep(3) WHERE id = 1; INSERT INTO effects VALUES ('whole'); END`;
  const off = dialect === 'postgresql' ? '-- @transaction off\n' : '';

  async function create(): Promise<void> {
    world = await FaultWorld.create(await servers[server](), [
      INIT,
      { tag: '0001_procedure', sql: `${procedure};` },
      { tag: TAG, sql: off + statements(effect('before'), 'CALL work()', effect('after')) },
    ]);
  }

  async function interrupted(signal: NodeJS.Signals): Promise<Outcome> {
    const runner = world.runner();
    await runner.began(TAG, 2);
    await until('half of it is done', async () => (await world.effects()).includes('half'));
    runner.signal(signal);
    const outcome = await runner.finished;
    await until('the server has ended it', async () => (await world.sessions()).length === 0);
    return outcome;
  }

  /** @returns the remedy, which is what an operator types. */
  async function refused(): Promise<string> {
    const before = await world.effects();
    const { exitCode, document } = await world.runner().finished;
    expect(exitCode).toBe(5);
    expect(document?.error).toMatchObject({
      code: 'ATTEMPT_INTERRUPTED',
      place: { migration: TAG, statement: 2 },
    });
    expect(await world.effects()).toEqual(before);
    expect((await attemptsOf(world.database, TAG)).at(-1)).toBe('interrupted 1/1');
    return document?.error?.remedy ?? '';
  }

  /** Types what the remedy says. */
  async function answer(remedy: string, how: 'applied' | 'rolled-back'): Promise<void> {
    const [, command = ''] =
      new RegExp(`nest-migrate (repair (?:--\\S+ \\S+ )*${TAG} ${how} --reason) "`).exec(remedy) ??
      [];
    const repair = await world.runner({ args: [...command.split(' '), 'looked at it'] }).finished;
    expect([remedy, repair.exitCode]).toEqual([remedy, 0]);
    expect((await world.runner().finished).exitCode).toBe(0);
  }

  it('killed: answered "applied" the run goes on after it', async () => {
    await create();
    expect((await interrupted('SIGKILL')).signal).toBe('SIGKILL');
    const remedy = await refused();
    const done = await world.effects();
    await answer(remedy, 'applied');
    expect(await world.effects()).toEqual([...done, 'after'].toSorted());
  });

  it('killed: answered "rolled-back" it is run again', async () => {
    await create();
    await interrupted('SIGKILL');
    const remedy = await refused();
    await world.database.query(`DELETE FROM effects WHERE what IN ('half', 'whole')`);
    await answer(remedy, 'rolled-back');
    expect(await world.differences()).toEqual([]);
  });

  it('cancelled by SIGTERM in the middle it is not simply run again', async () => {
    await create();
    const outcome = await interrupted('SIGTERM');
    expect(outcome.exitCode).toBe(143);
    const remedy = await refused();
    expect(await world.effects()).toEqual(['before', 'half', 'init']);
    await world.database.query(`DELETE FROM effects WHERE what IN ('half', 'whole')`);
    await answer(remedy, 'rolled-back');
    expect(await world.differences()).toEqual([]);
  });

  it('that fails in the middle is not simply run again', async () => {
    world = await FaultWorld.create(await servers[server](), [
      INIT,
      {
        tag: '0001_procedure',
        sql: `${procedure.replace(`('whole')`, `('whole'), ('${'x'.repeat(70)}')`)};`,
      },
      { tag: TAG, sql: off + statements(effect('before'), 'CALL work()', effect('after')) },
    ]);
    const failed = await world.runner().finished;
    expect(failed.document).toMatchObject({ exitCode: 1, error: { place: { statement: 2 } } });
    expect(failed.document?.error?.remedy).toContain(`${TAG} rolled-back --reason`);
    expect(await world.effects()).toEqual(['before', 'half', 'init']);
    const again = await world.runner().finished;
    expect([again.exitCode, again.document?.error?.code]).toEqual([5, 'ATTEMPT_INTERRUPTED']);
    expect(await world.effects()).toEqual(['before', 'half', 'init']);
  });
});
