import { isMigratorError } from '../../errors.js';
import { StatementError } from '../database.js';
import type { ExecuteResult, ServerInfo, Session } from '../database.js';
import { driverFacts, isConnectionError, statementErrorKind } from '../driver-facts.js';
import { SerialQueue } from '../serial-queue.js';
import type { SessionLife } from '../session-life.js';
import { boundedAnswer } from '../bounded-answer.js';
import { bindParameters } from './bind-parameters.js';
import { send } from './driver.js';
import type { MysqlConnection, MysqlHeader } from './driver.js';

/** How long a server may take to take its leave before the socket is cut. */
const CLOSE_TIMEOUT_MS = 1000;

/** What a session is made of. */
export interface MysqlSessionParts {
  readonly connection: MysqlConnection;
  readonly life: SessionLife;
  readonly server: ServerInfo;
  readonly backendId: string;
  readonly label: string;
  readonly queryTimeoutMs: number | undefined;
  /** Sends `KILL QUERY` from a connection of its own. */
  readonly cancelFromElsewhere: (backendId: string) => Promise<void>;
}

/** A session on a MySQL or MariaDB server by mysql2. */
export class MysqlSession implements Session {
  readonly server: ServerInfo;
  readonly backendId: string;
  readonly #parts: MysqlSessionParts;
  readonly #queue = new SerialQueue();
  #closing: Promise<void> | null = null;
  #busy = false;

  constructor(parts: MysqlSessionParts) {
    this.#parts = parts;
    this.server = parts.server;
    this.backendId = parts.backendId;
  }

  get lost(): AbortSignal {
    return this.#parts.life.lost;
  }

  get driver(): MysqlConnection {
    return this.#parts.connection;
  }

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    const result = await this.#send(params.length === 0 ? sql : bindParameters(sql, params));
    return Array.isArray(result) ? (result as Row[]) : [];
  }

  async execute(statement: string): Promise<ExecuteResult> {
    const result = await this.#send(statement);
    return {
      rowCount: Array.isArray(result) ? result.length : (result as MysqlHeader).affectedRows,
    };
  }

  async cancel(): Promise<void> {
    await this.#parts.cancelFromElsewhere(this.backendId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #send(sql: string): Promise<unknown> {
    return this.#queue.run(async () => {
      this.#parts.life.assertUsable();
      this.#busy = true;
      try {
        return await boundedAnswer(send(this.#parts.connection, sql), {
          ...this.#parts,
          destroy: () => destroyConnection(this.#parts.connection),
        });
      } catch (error) {
        throw this.#translate(error);
      } finally {
        this.#busy = false;
      }
    });
  }

  #translate(error: unknown): Error {
    if (isMigratorError(error)) return error;
    // mysql2 marks what ends a connection as fatal, and has no code for "closed state".
    const fatal = typeof error === 'object' && error !== null && 'fatal' in error && error.fatal;
    if (isConnectionError(error) || fatal === true || this.lost.aborted) {
      return this.#parts.life.lose(error);
    }
    const facts = driverFacts(error, this.server.flavour);
    return new StatementError(facts, statementErrorKind(error), { cause: error });
  }

  async #end(): Promise<void> {
    const { connection, life } = this.#parts;
    life.close();
    if (life.lost.aborted || this.#busy) return destroyConnection(connection);
    // COM_QUIT, then wait for the server's end of the socket: named locks of this session are free when close() resolves.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        destroyConnection(connection);
        resolve();
      }, CLOSE_TIMEOUT_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      connection.stream?.once('close', done);
      connection.end((error) => {
        if (error === null || error === undefined) return;
        destroyConnection(connection);
        done();
      });
    });
  }
}

/** Cuts the socket. */
export function destroyConnection(connection: MysqlConnection): void {
  connection.destroy();
  connection.stream?.destroy();
}
