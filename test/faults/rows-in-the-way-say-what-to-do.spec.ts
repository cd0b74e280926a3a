import { afterEach, describe, expect, it } from '@jest/globals';
import {
  changeColumnType,
  isMigratorError,
  renameColumn,
  tightenCheck,
  tightenForeignKey,
  tightenLength,
  tightenNotNull,
  tightenUnique,
  type MigratorError,
  type Operation,
} from '../../src/index.js';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';

/** Rows that no assignment of ours mends, the words of the remedy that name them, and the remedy as SQL. */
interface Case {
  readonly name: string;
  readonly operation: Operation;
  /** The phases of the last migration; those before them are run already. */
  readonly refused: string;
  readonly before: readonly string[];
  readonly spoil: string;
  readonly words: string;
  readonly mend: string;
}

const users = { table: 'users', withoutOnlineForm: 'guard-triggers' } as const;
const unique = tightenUnique('op', { table: 'users', constraint: 'u', columns: ['name'] });
const TWINS = {
  name: 'duplicates',
  operation: unique,
  spoil: "INSERT INTO users VALUES (3, 'Ada', 3)",
  words: 'all but one of the rows with the same name',
  mend: 'DELETE FROM users WHERE id = 3',
};

const EVERYWHERE: readonly Case[] = [
  { ...TWINS, refused: 'verify', before: [] },
  { ...TWINS, name: 'duplicates that came since', refused: 'contract', before: ['verify'] },
  {
    name: 'violators of a CHECK',
    operation: tightenCheck('op', { ...users, constraint: 'few', expression: 'n < 10' }),
    refused: 'verify',
    before: ['expand'],
    spoil: '',
    words: 'CHECK few',
    mend: 'UPDATE users SET n = 9 WHERE n = 99',
  },
  {
    name: 'orphans',
    operation: tightenForeignKey('op', {
      table: 'users',
      constraint: 'boss',
      columns: ['n'],
      references: { table: 'users', columns: ['id'] },
    }),
    refused: 'verify',
    before: ['expand'],
    spoil: '',
    words: 'Add the rows of users that those refer to',
    mend: "INSERT INTO users VALUES (99, 'Boss', 99)",
  },
  {
    name: 'NULL',
    operation: tightenNotNull('op', { table: 'users', column: 'name' }),
    refused: 'verify',
    before: ['expand'],
    spoil: '',
    words: 'Give name of those rows a value',
    mend: "UPDATE users SET name = 'Nobody' WHERE name IS NULL",
  },
];

const POSTGRES: readonly Case[] = [
  {
    name: 'two columns',
    operation: renameColumn('op', { table: 'users', from: 'name', to: 'full_name' }),
    refused: 'contract',
    before: ['expand', 'backfill', 'verify'],
    spoil: "SET session_replication_role = replica; INSERT INTO users VALUES (4, 'Linus', 1)",
    words: 'Give name and full_name of those rows the same value',
    mend: 'UPDATE users SET full_name = name',
  },
  {
    name: 'two types',
    operation: changeColumnType('op', { table: 'users', column: 'n', to: 'bigint' }),
    refused: 'contract',
    before: ['expand', 'backfill', 'verify'],
    spoil: "SET session_replication_role = replica; INSERT INTO users VALUES (4, 'Linus', 1)",
    words: 'Write n of those rows again',
    mend: 'UPDATE users SET n = n',
  },
];

const MYSQL: readonly Case[] = [
  {
    name: 'texts that are too long',
    operation: tightenLength('op', { ...users, column: 'name', length: 5 }),
    refused: 'verify',
    before: ['expand'],
    spoil: '',
    words: 'Shorten name of those rows to 5 characters',
    mend: "UPDATE users SET name = 'Grac' WHERE name = 'Grace H.'",
  },
];

/** The phase that is refused is the next one again: what the remedy says has to be enough to get it through. */
describe.each(['postgres18', 'mysql', 'mariadb'] as const)(
  'the remedy for rows on %s',
  (server) => {
    const isPostgres = server === 'postgres18';
    let world: MigratorWorld;
    afterEach(() => world.close());

    it.each([...EVERYWHERE, ...(isPostgres ? POSTGRES : MYSQL)])(
      'that are $name at $refused',
      async ({ operation, refused, before, spoil, words, mend }) => {
        const text = isPostgres ? 'text' : 'varchar(50)';
        const call = (phases: readonly string[]): string =>
          phases.map((phase) => `-- @operation op ${phase}\n`).join('');
        world = await migratorWorld(server, [
          {
            tag: '0000_init',
            sql: `CREATE TABLE users (id int PRIMARY KEY, name ${text}, n int)`,
          },
          ...(before.length === 0 ? [] : [{ tag: '0001_before', sql: call(before) }]),
          { tag: '0002_refused', sql: call([refused]) },
        ]);
        await world.migrator().up({ to: '0000_init' });
        await world.database.query(
          "INSERT INTO users VALUES (1, 'Ada', 1), (2, 'Grace H.', 99), (5, NULL, 1)",
        );
        const migrator = world.migrator({ operations: [operation] });
        if (before.length > 0) await migrator.up({ to: '0001_before' });
        if (spoil !== '') await world.database.query(spoil);

        const error = await refusal(migrator.up());
        expect(error.code).toBe('ROWS_IN_THE_WAY');
        expect(error.remedy).toContain(words);
        expect(error.remedy).toContain('nest-migrate up');
        expect(error.remedy).not.toContain('backfill');
        await world.database.query(mend);
        expect((await migrator.up()).applied.map(({ tag }) => tag)).toEqual(['0002_refused']);
      },
    );
  },
);

async function refusal(run: Promise<unknown>): Promise<MigratorError> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  if (!isMigratorError(error)) throw new Error('not refused', { cause: error });
  return error;
}
