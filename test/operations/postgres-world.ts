import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { withTransaction } from '../../src/database/with-transaction.js';
import { coveredBy } from '../../src/operations/covered-by.js';
import { keyOf } from '../../src/operations/table-key.js';
import type { OperationAction, Recipe } from '../../src/operations/operation-action.js';
import type { Operation, Phase } from '../../src/operations/operation.js';
import { recipeOf } from '../../src/operations/postgres/recipe.js';
import { readPostgresFacts } from '../../src/operations/postgres/table-facts.js';
import type { TableFacts } from '../../src/operations/table-facts.js';
import { readStatements } from '../../src/statements/read-statements.js';
import { servers, type TestDatabase } from '../servers/index.js';

export const POSTGRES = ['postgres18', 'postgres15'] as const;

/** The locks on tables that block somebody, as `table MODE`: what an action says it takes, and what it held when it was about to commit. */
export interface Locks {
  readonly declared: readonly string[];
  readonly held: readonly string[];
}

/** A database of its own and a session on it, with the phases of operations carried out in the smallest way that is true to the contract. */
export class PostgresWorld {
  private constructor(
    readonly test: TestDatabase,
    readonly session: Session,
  ) {}

  static async open(
    server: (typeof POSTGRES)[number],
    ...schema: readonly string[]
  ): Promise<PostgresWorld> {
    const test = await (await servers[server]()).createDatabase();
    for (const sql of schema) await test.query(sql);
    const session = await createDatabase({ dialect: 'postgresql', url: test.url }).connect({
      role: 'runner',
    });
    return new PostgresWorld(test, session);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.test.drop();
  }

  facts(operation: Operation): Promise<TableFacts> {
    return readPostgresFacts(this.session, operation.table);
  }

  /** The recipe as the table is now, with what a phase covers. */
  async recipe(operation: Operation, phase: Phase = 'expand', covered = ''): Promise<Recipe> {
    const { statements } = readStatements(covered, 'postgresql');
    return recipeOf(
      operation,
      await this.facts(operation),
      coveredBy(operation, phase, statements, 'postgresql'),
    );
  }

  /** Codes of what is in the way: errors, then warnings. */
  async blockers(operation: Operation, phase: Phase = 'expand', covered = ''): Promise<string[]> {
    const { blockers } = await this.recipe(operation, phase, covered);
    return blockers
      .filter(
        ({ severity, phase: first }) =>
          severity === 'error' && (first !== 'contract' || phase === 'contract'),
      )
      .map(({ code }) => code);
  }

  /** Carries out one phase and says which locks on tables each action held. */
  async run(operation: Operation, phase: Phase, covered = ''): Promise<Record<string, Locks>> {
    const recipe = await this.recipe(operation, phase, covered);
    const inTheWay = recipe.blockers.filter(
      ({ severity, phase: first }) =>
        severity === 'error' && (first !== 'contract' || phase === 'contract'),
    );
    if (inTheWay.length > 0) throw new Error(inTheWay.map(({ message }) => message).join(' '));
    switch (phase) {
      case 'expand':
        return this.carryOut(operation, recipe.expand);
      case 'backfill':
        await this.fill(operation, recipe);
        return {};
      case 'verify': {
        const pending = await this.pending(operation);
        if (pending > 0) throw new Error(`${pending} rows are pending`);
        return this.carryOut(operation, recipe.verify);
      }
      case 'contract':
        return this.carryOut(operation, recipe.contract);
    }
  }

  async undo(operation: Operation): Promise<void> {
    await this.carryOut(operation, (await this.recipe(operation)).undo);
  }

  /** Rows that are still to be done. */
  async pending(operation: Operation): Promise<number> {
    const { rows, violations } = await this.recipe(operation);
    const where = rows?.pending ?? 'false';
    const [row] = await this.session.query<{ readonly count: string }>(
      violations?.count ?? `select count(*)::text as count from ${name(operation)} where ${where}`,
    );
    return Number(row?.count);
  }

  async rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    return this.session.query(sql);
  }

  /** SQLSTATE with which a statement is refused; null = it is not. */
  async refusal(sql: string): Promise<string | null> {
    return this.session.execute(sql).then(
      () => null,
      (error: unknown) => String((error as { facts?: { code?: string } }).facts?.code ?? error),
    );
  }

  private async fill(operation: Operation, { rows }: Recipe): Promise<void> {
    if (rows === null || Object.keys(rows.set).length === 0) return;
    if (keyOf(await this.facts(operation)) === null) throw new Error('no key');
    const set = Object.entries(rows.set).map(([column, sql]) => `"${column}" = ${sql}`);
    await this.session.execute(
      `update ${name(operation)} set ${set.join(', ')} where ${rows.pending ?? 'true'}`,
    );
  }

  private async carryOut(
    operation: Operation,
    actions: readonly OperationAction[],
  ): Promise<Record<string, Locks>> {
    const held: Record<string, Locks> = {};
    for (const action of actions) {
      const before = await this.facts(operation);
      if (action.isDone(before)) continue;
      for (const sql of action.cleanUp?.(before) ?? []) await this.session.execute(sql);
      if (action.mode === 'transaction') {
        await withTransaction(this.session, {}, async () => {
          await this.session.query(`set local lock_timeout = '2s'`);
          for (const sql of action.statements) await this.session.execute(sql);
          held[action.id] = { declared: declared(action), held: await this.locks() };
        });
      } else {
        const outside = action.waitsForOthers === true;
        if (!outside) await this.session.query('begin');
        for (const sql of action.statements) await this.session.execute(sql);
        if (!outside) {
          held[action.id] = { declared: declared(action), held: await this.locks() };
          await this.session.query('commit');
        }
      }
      if (!action.isDone(await this.facts(operation))) throw new Error(`${action.id} is not done`);
    }
    return held;
  }

  /** The strongest lock on each table. */
  private async locks(): Promise<string[]> {
    const held = await this.session.query<{ readonly table: string; readonly mode: string }>(
      `select c.relname as table, l.mode from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
        where l.pid = pg_backend_pid() and l.granted and c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
        order by c.relname`,
    );
    return [...new Set(held.map(({ table }) => table))].flatMap((table) => {
      const ranks = held
        .filter((one) => one.table === table)
        .map(({ mode }) => MODES.indexOf(mode));
      const strongest = Math.max(...ranks);
      const mode = (MODES[strongest] ?? 'unknown').replace(/Lock$/, '');
      if (strongest < MODES.indexOf('ShareUpdateExclusiveLock')) return [];
      return [`${table} ${mode.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase()}`];
    });
  }
}

function declared({ locks }: OperationAction): string[] {
  return locks.map(({ object, mode }) => `${object.name} ${mode}`).sort();
}

/** Weakest first. Source: PostgreSQL manual, 13.3.1 Table-Level Locks. */
const MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

function name({ table: { schema, name } }: Operation): string {
  return schema === null ? `"${name}"` : `"${schema}"."${name}"`;
}
