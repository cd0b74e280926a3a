import { isMigratorError } from '../../errors.js';
import { StatementError } from '../database.js';
import type { ExecuteResult, QueryOptions, ServerInfo, Session } from '../database.js';
import { boundedAnswer } from '../bounded-answer.js';
import { driverFacts, isConnectionError, statementErrorKind } from '../driver-facts.js';
import { SerialQueue } from '../serial-queue.js';
import type { SessionLife } from '../session-life.js';
import type { Pg, PgClient, PgQuery, PgResult } from './driver.js';
import { parserOf } from './types.js';

/** How long a server may take to take its leave before the socket is cut. */
const CLOSE_TIMEOUT_MS = 1000;

/** What a session on a server is made of. */
export interface PostgresSessionParts {
  readonly pg: Pg;
  readonly client: PgClient;
  readonly life: SessionLife;
  readonly server: ServerInfo;
  readonly backendId: string;
  readonly label: string;
  readonly queryTimeoutMs: number | undefined;
  /** Sends `pg_cancel_backend` from a connection of its own. */
  readonly cancelFromElsewhere: (backendId: string) => Promise<void>;
}

/** A session on a Postgres server by node-postgres. */
export class PostgresSession implements Session {
  readonly server: ServerInfo;
  readonly backendId: string;
  readonly #parts: PostgresSessionParts;
  readonly #queue = new SerialQueue();
  readonly #types: NonNullable<PgQuery['types']>;
  readonly #names = new Map<string, string>();
  #closing: Promise<void> | null = null;
  /** Statements under way. */
  #busy = 0;

  constructor(parts: PostgresSessionParts) {
    this.#parts = parts;
    this.server = parts.server;
    this.backendId = parts.backendId;
    this.#types = {
      getTypeParser: (oid, format) => parserOf(oid) ?? parts.pg.types.getTypeParser(oid, format),
    };
  }

  get lost(): AbortSignal {
    return this.#parts.life.lost;
  }

  get driver(): PgClient {
    return this.#parts.client;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    { prepare = false }: QueryOptions = {},
  ): Promise<Row[]> {
    const result = await this.#send({
      ...(prepare && { name: this.#nameOf(sql) }),
      text: sql,
      // No parameters, simple protocol: works behind any pooler, and takes several statements.
      ...(params !== undefined && params.length > 0 && { values: params }),
      types: this.#types,
    });
    return result.rows as Row[];
  }

  async execute(statement: string): Promise<ExecuteResult> {
    const { rowCount } = await this.#send({ text: statement });
    return { rowCount };
  }

  async cancel(): Promise<void> {
    await this.#parts.cancelFromElsewhere(this.backendId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #send(query: PgQuery): Promise<PgResult> {
    // A pipelining driver keeps the order by itself, and sends at once.
    if (this.#parts.client.pipeline === true) return this.#sendNow(query);
    return this.#queue.run(() => this.#sendNow(query));
  }

  async #sendNow(query: PgQuery): Promise<PgResult> {
    this.#parts.life.assertUsable();
    this.#busy += 1;
    try {
      const result = await boundedAnswer(this.#parts.client.query(query), {
        ...this.#parts,
        destroy: () => this.#destroy(),
      });
      // Several statements in one text: the last result counts.
      return Array.isArray(result) ? (result.at(-1) ?? NOTHING) : result;
    } catch (error) {
      throw this.#translate(error);
    } finally {
      this.#busy -= 1;
    }
  }

  #translate(error: unknown): Error {
    if (isMigratorError(error)) return error;
    if (isConnectionError(error) || this.lost.aborted) return this.#parts.life.lose(error);
    return new StatementError(driverFacts(error), statementErrorKind(error), { cause: error });
  }

  /** Node-postgres wants one text a name; names are this session's own. */
  #nameOf(sql: string): string {
    const name = this.#names.get(sql) ?? `nest_migrate_${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }

  async #end(): Promise<void> {
    this.#parts.life.close();
    if (this.lost.aborted || this.#busy > 0) return this.#destroy();
    // Terminate, then wait for the server's end of the socket: locks of this session are free when close() resolves.
    const timer = setTimeout(() => this.#destroy(), CLOSE_TIMEOUT_MS);
    await this.#parts.client.end().catch(() => this.#destroy());
    clearTimeout(timer);
  }

  #destroy(): void {
    destroyClient(this.#parts.client);
  }
}

/** Cuts the socket; what was in flight is rejected by the driver. */
export function destroyClient(client: PgClient): void {
  client.connection?.stream?.destroy();
  client.end().catch(() => undefined);
}

const NOTHING: PgResult = { rows: [], rowCount: null };
