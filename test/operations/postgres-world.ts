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

/** A lock that an action held when it was about to commit. */
export interface HeldLock {
  readonly table: string;
  readonly mode: string;
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
  async run(
    operation: Operation,
    phase: Phase,
    covered = '',
  ): Promise<Record<string, readonly HeldLock[]>> {
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
  ): Promise<Record<string, readonly HeldLock[]>> {
    const held: Record<string, readonly HeldLock[]> = {};
    for (const action of actions) {
      const before = await this.facts(operation);
      if (action.isDone(before)) continue;
      for (const sql of action.cleanUp?.(before) ?? []) await this.session.execute(sql);
      if (action.mode === 'transaction') {
        await withTransaction(this.session, {}, async () => {
          await this.session.query(`set local lock_timeout = '2s'`);
          for (const sql of action.statements) await this.session.execute(sql);
          held[action.id] = await this.locks();
        });
      } else {
        for (const sql of action.statements) await this.session.execute(sql);
      }
      if (!action.isDone(await this.facts(operation))) throw new Error(`${action.id} is not done`);
    }
    return held;
  }

  private locks(): Promise<HeldLock[]> {
    return this.session.query<HeldLock & { readonly table: string }>(
      `select c.relname as table, upper(regexp_replace(replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) as mode
         from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
        where l.pid = pg_backend_pid() and l.granted and c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
          and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`,
    );
  }
}

function name({ table: { schema, name } }: Operation): string {
  return schema === null ? `"${name}"` : `"${schema}"."${name}"`;
}
