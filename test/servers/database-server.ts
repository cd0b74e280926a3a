/** A person's or program's login on a test server. */
export interface TestUser {
  readonly name: string;
  readonly password: string;
  /** The same database (or server) as this user. */
  readonly url: string;
  /** Removes the user and what was granted to it. */
  drop(): Promise<void>;
}

/** What runs SQL as the administrator, each call on a connection of its own that is closed afterwards. */
export interface AdminQueries {
  /** The administrator's URL. */
  readonly url: string;
  /** Runs SQL; without parameters several statements are allowed. Placeholders as the driver has them: `$1` or `?`. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  /**
   * Creates a login that may do nothing but what `grants` says; `user` is the quoted name (and host) to put after TO.
   *
   * @example await database.createUser((user) => [`GRANT USAGE ON SCHEMA public TO ${user}`])
   */
  createUser(grants?: (user: string) => readonly string[]): Promise<TestUser>;
}

/** A fresh, empty database of one test. */
export interface TestDatabase extends AdminQueries {
  readonly name: string;
  /** Drops the database, and the connections that still hold it. */
  drop(): Promise<void>;
}

/** A running database server, shared or private. */
export interface DatabaseServer extends AdminQueries {
  readonly dialect: 'postgresql' | 'mysql';
  readonly flavour: 'postgresql' | 'mysql' | 'mariadb';
  /** Creates an empty database with a name of its own. */
  createDatabase(): Promise<TestDatabase>;
}

/** A URL with some of its parts replaced. */
export function urlWith(
  url: string,
  parts: {
    readonly database?: string;
    readonly user?: string;
    readonly password?: string;
    readonly port?: number;
  },
): string {
  const changed = new URL(url);
  if (parts.database !== undefined) changed.pathname = `/${parts.database}`;
  if (parts.user !== undefined) changed.username = parts.user;
  if (parts.password !== undefined) changed.password = parts.password;
  if (parts.port !== undefined) changed.port = String(parts.port);
  return changed.href;
}
