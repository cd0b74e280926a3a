import { loadPackage } from '../load-package.js';

/** What we use of node-postgres, so that no declaration of ours imports its types. */
export interface PgClient {
  /** Backend pid as announced in the start-up (BackendKeyData); poolers announce one of their own. */
  readonly processID?: number | null;
  readonly ssl?: unknown;
  /** Whether it sends a query before the one before it is answered; drivers that cannot leave it out. */
  readonly pipeline?: boolean;
  /** False while queries are under way. */
  readonly readyForQuery?: boolean;
  readonly connection?: { readonly stream?: { destroy(): unknown } };
  connect(): Promise<unknown>;
  query(query: PgQuery): Promise<PgResult | PgResult[]>;
  end(): Promise<void>;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): unknown;
}

/** One query as node-postgres takes it. */
export interface PgQuery {
  /** Prepared under this name on first use. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Parsers of this query alone: an application may have replaced the global ones. */
  readonly types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

/** What node-postgres answers to one statement. */
export interface PgResult {
  readonly rows: object[];
  /** Rows affected or returned; null where the command tag has no count. */
  readonly rowCount: number | null;
}

/** What we use of the pg module. */
export interface Pg {
  readonly Client: new (config: object) => PgClient;
  readonly types: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
}

/** Imports pg, an optional peer. @throws {MigratorError} `MISSING_PACKAGE` */
export async function loadPg(): Promise<Pg> {
  const module = await loadPackage<{ default?: Pg } & Pg>('pg', () => import('pg'));
  // node-postgres was CommonJS only before 8.15: then everything hangs on the default export.
  return module.default ?? module;
}
