import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../src/database/create-database.js';
import { readMysqlFacts } from '../../src/operations/mysql/table-facts.js';
import { recipeOf } from '../../src/operations/mysql/recipe.js';
import { objectNames } from '../../src/operations/object-names.js';
import type { Blocker } from '../../src/operations/operation-action.js';
import { renameColumn } from '../../src/operations/rename-column.js';
import { mysqlWorld, type MysqlWorld } from './mysql-world.js';

const ADD = 'ALTER TABLE `users` ADD COLUMN `full_name` varchar(20);';
const DROP = 'ALTER TABLE `users` DROP COLUMN `name`;';
const RENAME = 'ALTER TABLE `users` RENAME COLUMN `name` TO `full_name`;';
const PLAIN = 'id int PRIMARY KEY, name varchar(20)';

describe.each(['mysql', 'mariadb'] as const)('a rename is refused on %s', (server) => {
  let world: MysqlWorld;
  const operation = renameColumn('users-name', { table: 'users', from: 'name', to: 'full_name' });
  beforeAll(async () => {
    world = await mysqlWorld(server);
  });
  beforeEach(() => world.run('CREATE TABLE orgs (name varchar(20) PRIMARY KEY)'));
  afterAll(() => world.close());
  afterEach(() => world.clear());

  const codes = (blockers: readonly Blocker[], severity: Blocker['severity'] = 'error'): string[] =>
    blockers
      .filter((blocker) => blocker.severity === severity)
      .map(({ code, phase }) => (phase === undefined ? code : `${phase}: ${code}`));
  const refused = async (covered = RENAME, severity?: Blocker['severity']): Promise<string[]> => {
    const phase = covered === ADD || covered.includes('ADD COLUMN') ? 'expand' : 'contract';
    return codes((await world.recipe(operation, phase, covered)).blockers, severity);
  };

  const onlyMysql = (code: string): string[] => (server === 'mysql' ? [code] : []);
  const table = (columns: string): string => `CREATE TABLE users (${columns})`;
  const cases: ReadonlyArray<readonly [string, string, string, readonly string[]]> = [
    ['nothing stands in the way', table(PLAIN), DROP, []],
    ['there is no table', 'DO 1', RENAME, ['no-table']],
    ['it has no key', table('id int, name varchar(20)'), RENAME, ['no-key']],
    ['its key may be NULL', table('id int UNIQUE, name varchar(20)'), RENAME, ['no-key']],
    [
      'its key is a prefix',
      table('id varchar(20) NOT NULL, name varchar(20), UNIQUE (id(3))'),
      RENAME,
      ['no-key'],
    ],
    ['it is no InnoDB table', `${table(PLAIN)} ENGINE=MyISAM`, RENAME, ['engine']],
    ['the column is not there', table('id int PRIMARY KEY'), RENAME, ['no-column']],
    [
      'the column counts by itself',
      table('id int PRIMARY KEY, name int AUTO_INCREMENT UNIQUE'),
      RENAME,
      ['column-kind'],
    ],
    [
      'the column is generated',
      table("id int PRIMARY KEY, name varchar(9) AS ('x') STORED"),
      RENAME,
      ['column-kind'],
    ],
    ['the type has no equality', table('id int PRIMARY KEY, name point'), RENAME, ['column-kind']],
    [
      'the new name is taken by another type',
      table(`${PLAIN}, full_name int`),
      RENAME,
      ['column-exists'],
    ],
    [
      'the new name is taken by a column with a default',
      table(`${PLAIN}, full_name varchar(20) DEFAULT 'x'`),
      RENAME,
      ['column-exists'],
    ],
    [
      'a generated column is computed from it',
      table(`${PLAIN}, g varchar(21) AS (concat(name, '!')) VIRTUAL`),
      RENAME,
      onlyMysql('contract: generated column'),
    ],
    [
      'a generated column would lose its base',
      table(`${PLAIN}, g varchar(21) AS (concat(name, '!')) VIRTUAL`),
      DROP,
      ['contract: generated column'],
    ],
    [
      'a CHECK names it',
      table(`${PLAIN}, CONSTRAINT filled CHECK (name <> '')`),
      RENAME,
      onlyMysql('contract: check'),
    ],
    [
      'a CHECK names it and another',
      table(`${PLAIN}, CONSTRAINT filled CHECK (name <> '' or id > 0)`),
      DROP,
      ['contract: check'],
    ],
    [
      'an index holds it beside others',
      table(`${PLAIN}, KEY by_both (id, name)`),
      DROP,
      ['contract: index'],
    ],
    [
      'a foreign key is tied to it',
      table(`${PLAIN}, CONSTRAINT f FOREIGN KEY (name) REFERENCES orgs (name)`),
      DROP,
      ['contract: foreign-key'],
    ],
    [
      'a foreign key changes it',
      table(`${PLAIN}, CONSTRAINT f FOREIGN KEY (name) REFERENCES orgs (name) ON UPDATE CASCADE`),
      RENAME,
      ['cascading-foreign-key'],
    ],
    [
      'a foreign key only deletes the row',
      table(`${PLAIN}, CONSTRAINT f FOREIGN KEY (name) REFERENCES orgs (name) ON DELETE CASCADE`),
      RENAME,
      [],
    ],
    [
      'a trigger names it',
      `${table(PLAIN)}; CREATE TRIGGER of_them BEFORE INSERT ON users FOR EACH ROW SET NEW.name = trim(NEW.name)`,
      RENAME,
      ['contract: trigger'],
    ],
    [
      'a trigger names another',
      `${table(PLAIN)}; CREATE TRIGGER of_them BEFORE INSERT ON users FOR EACH ROW SET NEW.id = 1`,
      RENAME,
      [],
    ],
    [
      'gh-ost is at work',
      `${table(PLAIN)}; CREATE TABLE _users_gho (id int)`,
      RENAME,
      ['online-schema-change-tool'],
    ],
    [
      'pt-online-schema-change is at work',
      `${table(PLAIN)}; CREATE TRIGGER pt_osc_x_users_ins AFTER INSERT ON users FOR EACH ROW BEGIN END`,
      RENAME,
      ['online-schema-change-tool'],
    ],
    [
      'the covered column has another type',
      table(PLAIN),
      ADD.replace('20', '30'),
      ['covered-column'],
    ],
    [
      'the covered column is NOT NULL',
      table(PLAIN),
      ADD.replace(';', ' NOT NULL;'),
      ['covered-column'],
    ],
    [
      'the covered column has a default',
      table(PLAIN),
      ADD.replace(';', " DEFAULT 'x';"),
      ['covered-column'],
    ],
    [
      'the covered column has another collation',
      table('id int PRIMARY KEY, name varchar(20) COLLATE utf8mb4_bin'),
      ADD,
      ['covered-column'],
    ],
    [
      'the covered column is written otherwise',
      table('id int PRIMARY KEY, name int'),
      'ALTER TABLE `users` ADD COLUMN `full_name` integer;',
      [],
    ],
  ];
  it.each(cases)('when %s', async (_, sql, covered, expected) => {
    await world.run(sql);
    expect(await refused(covered)).toEqual(expected);
  });

  it('when it is a view', async () => {
    await world.run('CREATE VIEW seen AS SELECT 1 AS name');
    const facts = await readMysqlFacts(world.session, { schema: null, name: 'seen' });
    expect(codes(recipeOf(operation, facts, []).blockers)).toEqual(['not-a-table']);
  });

  it('when another trigger runs behind ours', async () => {
    await world.run(table(PLAIN));
    await world.phase(operation, 'expand', ADD);
    expect(await refused()).toEqual([]);
    const { beforeUpdate } = objectNames(operation);
    await world.run(
      `CREATE TRIGGER before_ours BEFORE UPDATE ON users FOR EACH ROW PRECEDES ${beforeUpdate} SET NEW.id = OLD.id`,
    );
    expect(await refused()).toEqual([]);
    await world.run(
      'CREATE TRIGGER behind_ours BEFORE UPDATE ON users FOR EACH ROW SET NEW.id = OLD.id',
    );
    expect(await refused()).toEqual(['trigger-order']);
  });

  it('but only warned of what is known by its text', async () => {
    await world.run(
      `${table('id int PRIMARY KEY, name varchar(20) NOT NULL')}; CREATE VIEW shown AS SELECT id, name FROM users`,
    );
    expect(await refused()).toEqual([]);
    expect(await refused(RENAME, 'warning')).toEqual(['view', 'default-keyword']);
  });

  it('when the login lacks what it takes, by name', async () => {
    await world.run(table(PLAIN));
    const missing = async (
      grants: (name: string) => readonly string[],
    ): Promise<readonly string[]> => {
      const user = await world.database.createUser(grants);
      const session = await createDatabase({ dialect: 'mysql', url: user.url }).connect({
        role: 'runner',
      });
      try {
        return (await readMysqlFacts(session, operation.table)).missingPrivileges;
      } finally {
        await session.close();
        await user.drop();
      }
    };
    const database = world.database.name;
    const pattern = database.replaceAll('_', '\\_');
    const creator = 'SUPER (or log_bin_trust_function_creators = 1)';
    expect(await missing((name) => [`GRANT ALL ON \`${pattern}\`.* TO ${name}`])).toEqual([
      creator,
    ]);
    expect(await missing((name) => [`GRANT ALL ON *.* TO ${name}`])).toEqual([]);
    expect(
      await missing((name) => [
        `GRANT SELECT, UPDATE, ALTER ON ${database}.users TO ${name}`,
        `GRANT LOCK TABLES ON ${database}.* TO ${name}`,
      ]),
    ).toEqual(['INSERT', 'TRIGGER', 'REFERENCES', creator]);
    expect(
      await missing((name) => [`GRANT SELECT, UPDATE (name) ON ${database}.users TO ${name}`]),
    ).toContain('UPDATE');
    const user = await world.database.createUser((name) => [
      `GRANT ALL ON ${database}.* TO ${name}`,
    ]);
    const session = await world.open(user.url);
    await expect(
      session.execute('CREATE TRIGGER refused BEFORE INSERT ON users FOR EACH ROW SET NEW.id = 1'),
    ).rejects.toMatchObject({ kind: 'privilege' });
    const facts = await readMysqlFacts(session, operation.table);
    expect(codes(recipeOf(operation, facts, []).blockers)).toEqual(['missing-privilege']);
    // Who may not read InnoDB's dictionary is not told how many row versions there are.
    expect(facts.rowVersions).toBeNull();
    await session.close();
    await user.drop();
  });

  it('when settings or row versions stand in the way', async () => {
    await world.run(`${table(PLAIN)}; ALTER TABLE users ADD COLUMN x int, ALGORITHM=INSTANT`);
    const facts = await world.facts(operation);
    expect(facts.rowVersions).toEqual(server === 'mysql' ? { used: 1, limit: 255 } : null);
    const with_ = (change: Partial<typeof facts>): string[] =>
      codes(recipeOf(operation, { ...facts, ...change }, []).blockers);
    expect(with_({ rowVersions: { used: 253, limit: 255 } })).toEqual([]);
    expect(with_({ rowVersions: { used: 254, limit: 255 } })).toEqual(['row-versions']);
    await world.session.execute("SET SESSION sql_mode = '', binlog_format = STATEMENT");
    expect(codes((await world.recipe(operation)).blockers)).toEqual([
      'statement-binlog',
      'sql-mode',
    ]);
    await world.session.execute('SET SESSION sql_mode = DEFAULT, binlog_format = DEFAULT');
  });
});
