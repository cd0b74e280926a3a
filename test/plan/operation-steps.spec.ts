import type { Attempt } from '../../src/ledger/ledger.js';
import { parseMigration } from '../../src/journal/parse-migration.js';
import { migrationOf } from '../../src/journal/migration-file.js';
import { stepsHere, stepsOf, WITH_DATA } from '../../src/plan/steps.js';
import { unitsOf } from '../../src/plan/units.js';

/** DESIGN 8: on a database with data a phase stands for the statements that its line covers; elsewhere they simply run. */
const FILE = `CREATE TABLE a (id int);
--> statement-breakpoint
-- @operation users-full-name expand
ALTER TABLE users ADD COLUMN full_name text;
--> statement-breakpoint
CREATE INDEX ON users (full_name);
--> statement-breakpoint
-- @online
CREATE INDEX ON users (email);
--> statement-breakpoint
-- @operation users-full-name verify
`;

const parsed = parse(FILE);

function parse(text: string) {
  const place = {
    tag: '0001_m',
    layout: 'journal' as const,
    position: 1,
    createdAtMs: 0,
    path: '/nowhere',
    file: 'drizzle/0001_m.sql',
    downFile: null,
    readDown: () => null,
  };
  const migration = { ...migrationOf(place, text), read: () => text };
  return parseMigration(migration, {
    dialect: 'postgresql',
    operations: new Set(['users-full-name']),
  });
}

function begun(statements: number, cursor: number): Attempt {
  return {
    kind: 'migration',
    tag: '0001_m',
    state: 'failed',
    statements,
    statementCursor: cursor,
    inFlight: null,
  } as Attempt;
}

it('a line stands for the statements down to the next such line, and for none at the end', () => {
  expect(stepsOf(parsed, WITH_DATA)).toEqual([
    { kind: 'statement', position: 0, index: 0 },
    {
      kind: 'operation',
      position: 1,
      name: 'users-full-name',
      phase: 'expand',
      line: 3,
      covers: [1, 2],
    },
    { kind: 'statement', position: 2, index: 3, online: 0 },
    {
      kind: 'operation',
      position: 3,
      name: 'users-full-name',
      phase: 'verify',
      line: 11,
      covers: [],
    },
  ]);
});

it('a phase is a unit of its own', () => {
  expect(unitsOf(parsed, stepsOf(parsed, WITH_DATA), 'postgresql').map(({ mode }) => mode)).toEqual(
    ['transaction', 'operation', 'autocommit', 'operation'],
  );
});

it('on an empty database the covered statements are the steps', () => {
  const kinds = (asStatements: ReadonlySet<string>): readonly string[] =>
    stepsHere(parsed, { empty: true, attempts: [] }, asStatements).map(({ kind }) => kind);
  expect(kinds(new Set(['users-full-name']))).toEqual([
    'statement',
    'statement',
    'statement',
    'statement',
  ]);
  // One that no migration ends yet needs its trigger there too.
  expect(kinds(new Set())).toEqual(['statement', 'operation', 'statement', 'operation']);
});

it('an attempt that got somewhere goes on as it began, although the database is not empty any more', () => {
  const three = parse(FILE.replace('-- @operation users-full-name verify\n', ''));
  const read = (attempts: readonly Attempt[]): readonly string[] =>
    stepsHere(three, { empty: false, attempts }, new Set()).map(({ kind }) => kind);
  expect(read([])).toEqual(['statement', 'operation', 'statement']);
  expect(read([begun(4, 1)])).toEqual(['statement', 'statement', 'statement', 'statement']);
  expect(read([begun(3, 1)])).toEqual(['statement', 'operation', 'statement']);
  // One that got nowhere binds nobody.
  expect(read([begun(4, 0)])).toEqual(['statement', 'operation', 'statement']);
});
