import { loadPackage } from '../load-package.js';

/** What we use of mysql2 (callback form), so that no declaration of ours imports its types. */
export interface MysqlConnection {
  /** Connection id as announced in the handshake; proxies announce one of their own. */
  readonly threadId: number | null;
  readonly stream?: {
    readonly destroyed?: boolean;
    destroy(): unknown;
    once(event: 'close', listener: () => void): unknown;
  };
  query(
    options: { readonly sql: string },
    done: (error: unknown, result: unknown) => void,
  ): unknown;
  end(done: (error?: unknown) => void): unknown;
  destroy(): void;
  on(event: 'error' | 'end' | 'connect', listener: (value?: unknown) => void): unknown;
}

/** Result of a statement that returns no rows. */
export interface MysqlHeader {
  readonly affectedRows: number;
}

/** What we use of the mysql2 module. */
export interface Mysql {
  createConnection(config: object): MysqlConnection;
}

/** Imports mysql2, an optional peer. @throws {MigratorError} `MISSING_PACKAGE` */
export async function loadMysql(): Promise<Mysql> {
  const module = await loadPackage<{ default?: Mysql } & Mysql>('mysql2', () => import('mysql2'));
  return module.default ?? module;
}

/** Runs one statement by the text protocol. */
export function send(connection: MysqlConnection, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query({ sql }, (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error instanceof Error ? error : new Error('mysql2 failed', { cause: error }));
    });
  });
}
