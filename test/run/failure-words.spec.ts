import { describe, expect, it } from '@jest/globals';
import { StatementError, type StatementErrorKind } from '../../src/database/database.js';
import type { MigrationAction } from '../../src/plan/plan.js';
import { migrationFailure, stateAfterFailure } from '../../src/run/failure.js';

/** An action of two statements, as far as its words need it. */
function action(atomic: boolean): MigrationAction {
  const migration = { tag: '0000_first', file: 'drizzle/0000_first.sql' };
  const parsed = { migration, statements: [] };
  return { migration: parsed, steps: [{}, {}], atomic } as unknown as MigrationAction;
}

const SERVER = { dialect: 'postgresql', user: 'ci', database: 'app' } as const;

function remedy(kind: StatementErrorKind): string {
  const error = new StatementError({ code: '42P07' }, kind, { cause: null });
  return migrationFailure(error, action(true), {
    step: null,
    cursor: 0,
    inDoubt: false,
    server: SERVER,
  }).remedy;
}

describe('a failure', () => {
  it.each([true, false])(
    'claims no earlier migrations that there may not have been: %s',
    (atomic) => {
      const state = stateAfterFailure(action(atomic), { cursor: 0, inDoubt: false });
      expect(state).toContain('what was applied before it stays');
    },
  );

  it('over something that exists already tells the way for a database that had its tables before', () => {
    expect(remedy('duplicate-object')).toContain('nest-migrate baseline <last applied tag>');
    expect(remedy('other')).not.toContain('baseline');
  });
});
