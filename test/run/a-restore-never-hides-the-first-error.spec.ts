import { NO_FLEET } from '../../src/fleet/fleet.js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StatementError, type Session } from '../../src/database/database.js';
import type { OperationAction } from '../../src/operations/operation-action.js';
import type { TableFacts } from '../../src/operations/table-facts.js';
import { ActionRunner } from '../../src/run/action-runner.js';
import { BlockerWatch } from '../../src/run/blocker-watch.js';
import { dialectRunOf } from '../../src/run/dialect-run-of.js';
import { LockWorld } from '../lock/lock-world.js';
import { kinds } from '../servers/index.js';

const REFUSED = 'DELETE FROM hot WHERE no_such_column = 1';
const NO_STATEMENT = 'THIS IS NO STATEMENT';

describe.each(kinds)('what an action restores on $name', ({ server, dialect }) => {
  let world: LockWorld;
  let session: Session;
  beforeEach(async () => {
    world = await LockWorld.create(server);
    await world.admin.query('CREATE TABLE hot (id int PRIMARY KEY)');
    session = await world.session();
  });
  afterEach(() => world.end());

  const modes: readonly OperationAction['mode'][] =
    dialect === 'mysql' ? ['autocommit', 'locked-tables'] : ['autocommit'];

  it.each(modes)(
    'fails behind a statement that failed (%s): the first is reported',
    async (mode) => {
      const error = await failure(mode, [first(mode), REFUSED], [NO_STATEMENT]);
      expect(error.facts).toMatchObject(dialect === 'mysql' ? { errno: 1054 } : { code: '42703' });
    },
  );

  it.each(modes)('fails alone (%s): that is reported', async (mode) => {
    const error = await failure(mode, [first(mode)], [NO_STATEMENT]);
    expect(error.facts).toMatchObject(dialect === 'mysql' ? { errno: 1064 } : { code: '42601' });
  });

  it.each(modes)('is restored as a whole, though a part of it fails (%s)', async (mode) => {
    const kept = dialect === 'mysql' ? 'SET @kept = 1' : "SET application_name = 'kept'";
    await failure(mode, [first(mode), REFUSED], [NO_STATEMENT, kept]);
    const shown = dialect === 'mysql' ? 'SELECT @kept AS kept' : 'SHOW application_name';
    const [row] = await session.query(shown);
    expect(Object.values(row ?? {}).map(String)).toEqual([dialect === 'mysql' ? '1' : 'kept']);
  });

  function first(mode: OperationAction['mode']): string {
    return mode === 'locked-tables' ? 'LOCK TABLES hot WRITE' : 'DELETE FROM hot';
  }

  async function failure(
    mode: OperationAction['mode'],
    statements: readonly string[],
    restore: readonly string[],
  ): Promise<StatementError> {
    const action: OperationAction = {
      id: 'trial',
      mode,
      statements,
      restore,
      locks: [],
      isDone: () => false,
    };
    const error: unknown = await runner()
      .run([action])
      .catch((reason: unknown) => reason);
    if (!(error instanceof StatementError)) throw new Error('not refused', { cause: error });
    return error;
  }

  function runner(): ActionRunner {
    const { signal } = new AbortController();
    const nothing = (): Promise<void> => Promise.resolve();
    return new ActionRunner('trial', 'contract', {
      context: {
        lock: {
          scope: world.scope,
          session,
          holder: world.holder(),
          fence: '1',
          lost: signal,
          assertHeld: () => undefined,
          checkFence: nothing,
          fenceCheck: { sql: () => 'select 1', params: [] },
        },
        signal,
        emit: () => undefined,
        runner: 'test',
        build: null,
        actor: null,
        reason: null,
        fleet: () => Promise.resolve(NO_FLEET),
      },
      dialectRun: dialectRunOf(dialect),
      watch: new BlockerWatch(
        () => Promise.resolve(session),
        () => Promise.resolve([]),
        '',
      ),
      timing: { lockTimeoutMs: 5000, statementTimeoutMs: null },
      lockLadderMs: 5000,
      readFacts: () => Promise.resolve({} as TableFacts),
      record: nothing,
    });
  }
});
