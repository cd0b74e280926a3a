import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { coveredBy } from '../../src/operations/covered-by.js';
import { readMysqlFacts } from '../../src/operations/mysql/table-facts.js';
import { recipeOf } from '../../src/operations/mysql/recipe.js';
import type { Recipe } from '../../src/operations/operation-action.js';
import type { Operation, Phase } from '../../src/operations/operation.js';
import type { TableFacts } from '../../src/operations/table-facts.js';
import { readStatements } from '../../src/statements/read-statements.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { runActions } from './run-actions.js';

/** A database of its own with a runner's session on it. */
export interface MysqlWorld {
  readonly server: 'mysql' | 'mariadb';
  readonly database: TestDatabase;
  readonly session: Session;
  /** Everything in `sql`, as administrator. */
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** SHOW CREATE TABLE without the counter. */
  definition(table: string): Promise<string>;
  facts(operation: Pick<Operation, 'table'>): Promise<TableFacts>;
  recipe(operation: Operation, phase?: Phase, covered?: string): Promise<Recipe>;
  /** The actions of one phase, on a recipe of their own; returns the ids of what was done. */
  phase(
    operation: Operation,
    phase: 'expand' | 'verify' | 'contract',
    covered?: string,
  ): Promise<string[]>;
  undo(operation: Operation): Promise<string[]>;
  /** Another session. */
  open(url?: string): Promise<Session>;
  /** Drops all tables and views, for the next test. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function mysqlWorld(server: 'mysql' | 'mariadb'): Promise<MysqlWorld> {
  const database = await (await servers[server]()).createDatabase();
  const sessions: Session[] = [];
  const open = async (url = database.url): Promise<Session> => {
    const opened = await createDatabase({ dialect: 'mysql', url }).connect({ role: 'runner' });
    sessions.push(opened);
    return opened;
  };
  const session = await open();
  const facts: MysqlWorld['facts'] = ({ table }) => readMysqlFacts(session, table);
  const recipe: MysqlWorld['recipe'] = async (operation, phase = 'expand', covered = '') => {
    const { statements } = readStatements(covered, 'mysql');
    return recipeOf(
      operation,
      await facts(operation),
      coveredBy(operation, phase, statements, 'mysql'),
    );
  };
  return {
    server,
    database,
    session,
    open,
    facts,
    recipe,
    run: async (sql) => {
      await database.query(sql);
    },
    rows: (sql) => session.query(sql),
    definition: async (table) => {
      const [row] = await session.query<{ 'Create Table': string }>(`SHOW CREATE TABLE ${table}`);
      return (row?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, '');
    },
    phase: async (operation, phase, covered = '') => {
      const made = await recipe(operation, phase, covered);
      return runActions(made[phase], { session, readFacts: () => facts(operation) });
    },
    undo: async (operation) => {
      const made = await recipe(operation);
      return runActions(made.undo, { session, readFacts: () => facts(operation) });
    },
    clear: async () => {
      const found = await database.query<{ name: string; kind: string }>(
        'SELECT table_name AS name, table_type AS kind FROM information_schema.tables WHERE table_schema = database()',
      );
      const drops = found.map(
        ({ name, kind }) => `DROP ${kind === 'VIEW' ? 'VIEW' : 'TABLE'} \`${name}\`;`,
      );
      await database.query(`SET foreign_key_checks = 0; ${drops.join(' ')}`);
    },
    close: async () => {
      await Promise.all(sessions.map((each) => each.close()));
      await database.drop();
    },
  };
}
