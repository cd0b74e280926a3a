import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../src/database/create-database.js';
import type { Database, Session } from '../../src/database/database.js';
import { createHolder } from '../../src/lock/holder.js';
import type { HeldLock, HolderInfo, Scope } from '../../src/lock/lock.js';
import { lockScope } from '../../src/lock/scope.js';
import {
  withMigrationLock,
  type LockedResult,
  type MigrationLockOptions,
} from '../../src/lock/with-lock.js';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import { servers, type TestDatabase } from '../servers/index.js';

/** A database with a ledger location, and runners on it. */
export class LockWorld {
  readonly #databases: Database[] = [];
  readonly #sessions: Session[] = [];

  constructor(
    readonly admin: TestDatabase,
    readonly location: { readonly schema: string | null; readonly table: string },
  ) {}

  static async create(
    server: keyof Pick<typeof servers, 'postgres18' | 'postgres15' | 'mysql' | 'mariadb'>,
    table = '__drizzle_migrations',
  ): Promise<LockWorld> {
    const shared = await servers[server]();
    const schema = shared.dialect === 'postgresql' ? 'drizzle' : null;
    return new LockWorld(await shared.createDatabase(), { schema, table });
  }

  get dialect(): 'postgresql' | 'mysql' {
    return this.location.schema === null ? 'mysql' : 'postgresql';
  }

  get scope(): Scope {
    return lockScope(this.location, { database: this.admin.name });
  }

  /** The fence table as it stands in SQL. */
  get lockTable(): string {
    return this.location.schema === null
      ? 'migration_lock'
      : `${this.location.schema}.migration_lock`;
  }

  database(url = this.admin.url): Database {
    const database = createDatabase({ dialect: this.dialect, url });
    this.#databases.push(database);
    return database;
  }

  /** A session as a runner has it, closed with the world. */
  async session(url = this.admin.url): Promise<Session> {
    const session = await this.database(url).connect({ role: 'runner' });
    this.#sessions.push(session);
    return session;
  }

  holder(app = 'test'): HolderInfo {
    return createHolder({ id: randomUUID(), app, release: '1.2.3', startedAt: Date.now() });
  }

  /** Options of a runner that does not wait long. */
  options(overrides: Partial<MigrationLockOptions> = {}): MigrationLockOptions {
    return {
      database: this.database(),
      location: this.location,
      holder: this.holder(),
      coordinator: null,
      signal: new AbortController().signal,
      scope: () => this.scope,
      bootstrap: (session) => this.bootstrap(session),
      waitMs: 20_000,
      pollMinMs: 5,
      pollMaxMs: 50,
      drain: 'wait',
      drainMs: 500,
      ...overrides,
    };
  }

  async bootstrap(session: Session): Promise<void> {
    await bootstrap(session, this.location, { layout: 'journal' });
  }

  /** Runs as the single runner; by default something is always left to do. */
  run<T>(
    body: (held: HeldLock) => Promise<T>,
    overrides: Partial<MigrationLockOptions> = {},
    recheck: (session: Session) => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<LockedResult<T>> {
    return withMigrationLock(this.options(overrides), recheck, body);
  }

  /** A runner that holds the lock until it is let go. */
  async hold(overrides: Partial<MigrationLockOptions> = {}): Promise<Holding> {
    const letGo = deferred<void>();
    const held = deferred<HeldLock>();
    const ended = this.run(async (lock) => {
      held.resolve(lock);
      await letGo.promise;
    }, overrides);
    ended.catch((error: unknown) => held.reject(error));
    return { lock: await held.promise, release: () => letGo.resolve(), ended };
  }

  /** The fence row as the server has it. */
  async row(): Promise<Record<string, unknown>> {
    const quoted = this.scope.replaceAll("'", "''");
    const [row] = await this.admin.query(
      `select * from ${this.lockTable} where scope = '${quoted}' and part = 'fence'`,
    );
    return row ?? {};
  }

  async end(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
    await Promise.all(this.#databases.map((database) => database.close()));
    await this.admin.drop();
  }
}

/** A lock that is held. */
export interface Holding {
  readonly lock: HeldLock;
  release(): void;
  readonly ended: Promise<unknown>;
}

/** A promise and its two ends. */
export function deferred<T>(): {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
