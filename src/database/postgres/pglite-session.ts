import { isMigratorError } from '../../errors.js';
import { StatementError } from '../database.js';
import type { ExecuteResult, ServerInfo, Session } from '../database.js';
import { driverFacts, isConnectionError, statementErrorKind } from '../driver-facts.js';
import { SerialQueue } from '../serial-queue.js';
import type { SessionLife } from '../session-life.js';
import { parserOf } from './types.js';

/** What we use of PGlite and of its transactions, so that no declaration of ours imports its types. */
export interface PgliteQueries {
  query(sql: string, params: readonly unknown[], options: object): Promise<PgliteResult>;
  exec(sql: string, options: object): Promise<PgliteResult[]>;
}

/** A PGlite instance, ours or the application's. */
export interface Pglite extends PgliteQueries {
  readonly waitReady: Promise<void>;
  readonly closed?: boolean;
  transaction(body: (tx: PgliteTransaction) => Promise<void>): Promise<unknown>;
  close(): Promise<void>;
}

interface PgliteTransaction extends PgliteQueries {
  rollback(): Promise<void>;
}

interface PgliteResult {
  readonly rows: object[];
  readonly affectedRows?: number;
}

interface OpenTransaction {
  readonly queries: PgliteQueries;
  finish(how: 'commit' | 'rollback'): Promise<void>;
}

const BEGIN = /^\s*(?:BEGIN(?:\s+(?:WORK|TRANSACTION))?|START\s+TRANSACTION)\b([^;]*);?/i;
const COMMIT = /(?:^|;)\s*(?:COMMIT|END)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*$/i;
const ROLLBACK = /^\s*(?:ROLLBACK|ABORT)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*$/i;

/**
 * A session on PGlite, which has one backend for everybody. A transaction of ours goes through PGlite's own `transaction()`,
 * so that the application's queries, and our other sessions, wait for its end instead of landing inside it.
 */
export class PgliteSession implements Session {
  readonly backendId = 'in-process';
  readonly #queue = new SerialQueue();
  #transaction: OpenTransaction | null = null;

  constructor(
    private readonly instance: Pglite,
    readonly server: ServerInfo,
    private readonly life: SessionLife,
  ) {}

  get lost(): AbortSignal {
    return this.life.lost;
  }

  get driver(): PgliteQueries {
    return this.#transaction?.queries ?? this.instance;
  }

  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.#send(sql, params).then((result) => result.rows as Row[]);
  }

  async execute(statement: string): Promise<ExecuteResult> {
    const result = await this.#send(statement, []);
    return { rowCount: result.affectedRows ?? null };
  }

  /** Not possible: the statement runs on this very thread, and is over when anybody could ask. */
  async cancel(): Promise<void> {}

  /** Rolls back what is open. The instance stays: sessions share it. */
  async close(): Promise<void> {
    if (this.life.ended.aborted) return;
    this.life.close();
    await this.#queue.run(() => this.#finish('rollback')).catch(() => undefined);
  }

  #send(sql: string, params: readonly unknown[]): Promise<PgliteResult> {
    return this.#queue.run(async () => {
      this.life.assertUsable();
      try {
        return await this.#route(sql, params);
      } catch (error) {
        throw this.#translate(error);
      }
    });
  }

  async #route(sql: string, params: readonly unknown[]): Promise<PgliteResult> {
    if (this.#transaction === null) {
      const begin = BEGIN.exec(sql);
      if (begin !== null) {
        await this.#begin(begin[1]?.trim() ?? '');
        const rest = sql.slice(begin[0].length).trim();
        return rest === '' ? NOTHING : this.#route(rest, params);
      }
      return run(this.instance, sql, params);
    }
    if (ROLLBACK.test(sql)) {
      await this.#finish('rollback');
      return NOTHING;
    }
    const commit = COMMIT.exec(sql);
    if (commit === null) return run(this.#transaction.queries, sql, params);
    const before = sql.slice(0, commit.index).trim();
    const result = before === '' ? NOTHING : await run(this.#transaction.queries, before, params);
    await this.#finish('commit');
    return result;
  }

  async #begin(modes: string): Promise<void> {
    let end: (how: 'commit' | 'rollback') => void = () => {};
    const decided = new Promise<'commit' | 'rollback'>((resolve) => {
      end = resolve;
    });
    let ended: Promise<unknown> = Promise.resolve();
    const queries = await new Promise<PgliteTransaction>((resolve, reject) => {
      ended = this.instance.transaction(async (tx) => {
        resolve(tx);
        if ((await decided) === 'rollback') await tx.rollback();
      });
      ended.catch(reject);
    });
    this.#transaction = {
      queries,
      finish: async (how) => {
        end(how);
        await ended;
      },
    };
    if (modes !== '') await run(queries, `SET TRANSACTION ${modes}`, []);
  }

  async #finish(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = null;
    await transaction?.finish(how);
  }

  #translate(error: unknown): Error {
    if (isMigratorError(error)) return error;
    if (this.instance.closed === true || isConnectionError(error)) return this.life.lose(error);
    return new StatementError(driverFacts(error), statementErrorKind(error), { cause: error });
  }
}

async function run(
  queries: PgliteQueries,
  sql: string,
  params: readonly unknown[],
): Promise<PgliteResult> {
  // The simple protocol (exec) takes several statements, the extended one parameters.
  if (params.length > 0) return queries.query(sql, params, { parsers: PARSERS });
  return (await queries.exec(sql, { parsers: PARSERS })).at(-1) ?? NOTHING;
}

const NOTHING: PgliteResult = { rows: [] };

const OIDS = [
  16, 19, 20, 21, 23, 25, 26, 114, 700, 701, 1043, 1082, 1083, 1114, 1184, 1186, 1266, 1700, 2950,
  3802,
];
const PARSERS = Object.fromEntries(OIDS.map((oid) => [oid, parserOf(oid)]));
