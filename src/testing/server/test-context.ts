import type { Dialect } from '../../database/database.js';
import { withTestSession } from './test-server.js';

/** What callbacks of a test get: the database, and a session to write rows by without a driver of their own. */
export interface TestContext {
  /** Of the database that the kit has made for this test. */
  readonly url: string;
  readonly dialect: Dialect;
  /** Runs one statement; placeholders are `$1` (Postgres) or `?` (MySQL). bigint, numeric, dates and times arrive as text. */
  readonly query: <Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ) => Promise<Row[]>;
}

/** Puts rows into a database, so that migrations meet some. */
export type Seed = (context: TestContext) => Promise<void>;

/** Calls with a session, which is closed afterwards. */
export function withTestContext<T>(
  { dialect, url }: { readonly dialect: Dialect; readonly url: string },
  body: (context: TestContext) => Promise<T>,
): Promise<T> {
  return withTestSession(dialect, url, (session) =>
    body({ url, dialect, query: (sql, params) => session.query(sql, params) }),
  );
}
