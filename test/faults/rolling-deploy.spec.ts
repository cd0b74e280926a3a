import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMigrator, type Migrator, type UpResult } from '../../src/index.js';
import { operations as mysqlOperations } from '../../samples/mysql/src/operations.js';
import { operations as postgresOperations } from '../../samples/postgres/src/operations.js';
import {
  writeJournal,
  type JournalMigration,
  type WrittenJournal,
} from '../journals/write-journal.js';
import { servers, type TestDatabase } from '../servers/index.js';
import { freePort } from '../servers/ports.js';
import { until } from '../waiting/until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPLICA = join(ROOT, 'test/faults/processes/orders-replica.ts');

const environment = process.env['NODE_ENV'];
beforeAll(() => {
  process.env['NODE_ENV'] = 'production';
});
afterAll(() => {
  process.env['NODE_ENV'] = environment;
});

interface Health {
  readonly state: string;
  readonly reasons: readonly { readonly code: string; readonly tags?: readonly string[] }[];
}

/** One pod. */
class Replica {
  /** Whether the balancer sends requests to it. */
  inService = false;
  readonly #open = new Set<Promise<unknown>>();

  private constructor(
    readonly name: string,
    readonly url: string,
    readonly child: ChildProcess,
  ) {}

  static async start(name: string, args: readonly string[], databaseUrl: string): Promise<Replica> {
    const port = await freePort();
    const [file = '', folder = '', ...rest] = args;
    const child = fork(REPLICA, [file, folder, String(port), ...rest], {
      execArgv: ['--import', 'jiti/register'],
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: databaseUrl },
    });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`${name} did not start`);
      }),
    ]);
    return new Replica(name, `http://127.0.0.1:${port}`, child);
  }

  async health(): Promise<Health & { readonly status: number }> {
    const response = await fetch(`${this.url}/health/ready`);
    return { status: response.status, ...((await response.json()) as Health) };
  }

  request(path: string, init?: RequestInit): Promise<Response> {
    const answered = fetch(`${this.url}${path}`, init);
    this.#open.add(answered);
    const done = (): void => void this.#open.delete(answered);
    answered.then(done, done);
    return answered;
  }

  /** As Kubernetes does it: out of the endpoints, then SIGTERM. */
  async stop(): Promise<void> {
    this.inService = false;
    await Promise.allSettled([...this.#open]);
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Requests without a pause to whichever replica is in service, which is whichever answers 200 to the probe. */
class Traffic {
  requests = 0;
  readonly failures: string[] = [];
  readonly served = new Map<string, number>();
  readonly #stopped = new AbortController();
  readonly #lanes: readonly Promise<void>[];

  constructor(private readonly replicas: readonly Replica[]) {
    this.#lanes = [this.#probe(), ...[0, 1, 2].map((lane) => this.#lane(lane))];
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#lanes);
  }

  async #probe(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      for (const replica of this.replicas) {
        const { status } = await replica.health().catch(() => ({ status: 0 }));
        if (status === 200 && replica.child.exitCode === null && !this.leaving.has(replica))
          replica.inService = true;
        if (status === 503) replica.inService = false;
      }
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  readonly leaving = new Set<Replica>();

  async #lane(lane: number): Promise<void> {
    for (let turn = 0; !this.#stopped.signal.aborted; turn += 1) {
      const serving = this.replicas.filter(({ inService }) => inService);
      const writer = serving[turn % Math.max(1, serving.length)];
      const reader = serving[(turn + 1) % Math.max(1, serving.length)];
      if (writer !== undefined && reader !== undefined)
        await this.#order(`${lane}-${turn}`, writer, reader);
      await new Promise((next) => setTimeout(next, 5));
    }
  }

  async #order(customer: string, writer: Replica, reader: Replica): Promise<void> {
    const order = { customer, text: `text of ${customer}`, channel: 'shop' };
    const placed = await this.#send(writer, '/orders', {
      method: 'POST',
      body: JSON.stringify(order),
    });
    if (placed === null || !reader.inService) return;
    const found = await this.#send(reader, `/orders/${customer}`);
    if (found !== null && JSON.stringify(found) !== JSON.stringify(order))
      this.failures.push(`${reader.name} read ${JSON.stringify(found)} of ${writer.name}`);
  }

  async #send(replica: Replica, path: string, init?: RequestInit): Promise<unknown> {
    this.requests += 1;
    this.served.set(replica.name, (this.served.get(replica.name) ?? 0) + 1);
    try {
      const response = await replica.request(path, init);
      const body: unknown = await response.json();
      if (response.ok) return body ?? true;
      this.failures.push(`${replica.name} ${response.status} ${JSON.stringify(body)}`);
    } catch (error) {
      this.failures.push(`${replica.name} ${String(error)}`);
    }
    return null;
  }
}

const SAMPLES = [
  {
    name: 'Postgres 18',
    server: 'postgres18',
    dialect: 'postgresql',
    sample: 'postgres',
    operations: postgresOperations,
    drop: 'ALTER TABLE "products" RENAME COLUMN "title" TO "name";',
  },
  {
    name: 'MySQL 9.7',
    server: 'mysql',
    dialect: 'mysql',
    sample: 'mysql',
    operations: mysqlOperations,
    drop: 'ALTER TABLE `products` RENAME COLUMN `title` TO `name`;',
  },
] as const;

describe.each(SAMPLES)(
  'three releases of the sample on $name',
  ({ server, dialect, sample, operations, drop }) => {
    const folder = join(ROOT, 'samples', sample);
    const journals: WrittenJournal[] = [];
    const replicas: Replica[] = [];
    const migrators: Migrator[] = [];
    let database: TestDatabase;

    afterAll(async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all(migrators.map((migrator) => migrator.close()));
      await Promise.all(journals.map((journal) => journal.remove()));
      await database?.drop();
    });

    /** The journal as it was when that release was built. */
    const journalOf = async (release: number): Promise<WrittenJournal> => {
      const { entries } = JSON.parse(
        await readFile(join(folder, 'drizzle/meta/_journal.json'), 'utf8'),
      ) as { readonly entries: readonly { readonly tag: string; readonly when: number }[] };
      const shipped = release > 3 ? entries : entries.slice(0, entries.length - 3 + release);
      const migrations: JournalMigration[] = await Promise.all(
        shipped.map(async ({ tag, when }) => ({
          tag,
          when,
          sql: await readFile(join(folder, 'drizzle', `${tag}.sql`), 'utf8'),
        })),
      );
      const newest = entries.at(-1)?.when ?? 0;
      if (release > 3) migrations.push({ tag: '0099_rename', sql: drop, when: newest + 60_000 });
      const journal = await writeJournal(migrations, { dialect });
      journals.push(journal);
      return journal;
    };
    const job = async (release: number): Promise<UpResult> => {
      const migrator = createMigrator({
        database: { dialect, url: database.url },
        migrations: (await journalOf(release)).folder,
        operations: release > 1 ? operations : [],
        fleet: { service: 'orders' },
      });
      migrators.push(migrator);
      return migrator.up();
    };
    const start = async (release: number, name: string): Promise<Replica> => {
      const journal = await journalOf(release);
      const replica = await Replica.start(
        name,
        [
          join(folder, 'releases', String(release), 'orders.ts'),
          journal.folder,
          `release-${release}`,
          dialect,
          release > 1 ? join(folder, 'src/operations.ts') : '-',
        ],
        database.url,
      );
      replicas.push(replica);
      return replica;
    };
    const answers = async (replica: Replica, status: number): Promise<string> => {
      let health: Awaited<ReturnType<Replica['health']>> | null = null;
      await until(`${replica.name} answers ${status}`, async () => {
        health = await replica.health();
        return health.status === status && health.reasons[0]?.code !== 'unknown';
      });
      const { state, reasons } = health ?? { state: '', reasons: [] };
      return [state, ...reasons.map(({ code, tags = [] }) => [code, ...tags].join(' '))].join(': ');
    };

    it('are rolled out with no failed request, and rolled back as far as the database allows', async () => {
      database = await (await servers[server]()).createDatabase();
      await job(1);
      const traffic = new Traffic(replicas);
      const leave = async (replica: Replica): Promise<void> => {
        traffic.leaving.add(replica);
        await replica.stop();
      };
      const serveAll = async (...names: readonly string[]): Promise<void> => {
        const before = new Map(traffic.served);
        await until(`${names.join(', ')} serve`, () =>
          names.every((name) => (traffic.served.get(name) ?? 0) > (before.get(name) ?? 0) + 10),
        );
      };
      try {
        const oldest = [await start(1, '1a'), await start(1, '1b')];
        await serveAll('1a', '1b');

        // Release 2: its job runs while release 1 serves, then the pods are exchanged one by one.
        expect((await job(2)).deferred).toEqual([]);
        const second = await start(2, '2a');
        await answers(second, 200);
        await serveAll('1a', '1b', '2a');
        await leave(oldest[0] as Replica);
        await serveAll('1b', '2a');

        // Release 3 comes early: one pod of release 1 is still there, and what it uses may not go.
        const early = await job(3);
        expect(early).toMatchObject({
          applied: [],
          deferred: [
            { waitsFor: [expect.stringMatching(/^orders@\S+ \(build release-1\): lease/)] },
          ],
        });
        const third = await start(3, '3a');
        expect(await answers(third, 200)).toMatch(/^up: contract_pending/);
        await serveAll('1b', '2a', '3a');

        await leave(oldest[1] as Replica);
        expect((await job(3)).applied).toHaveLength(1);
        expect(await answers(third, 200)).toMatch(/^up/);
        await serveAll('2a', '3a');

        // What every build of today fails on is not begun.
        await expect(job(4)).rejects.toMatchObject({ code: 'REFUSED_BREAKING', exitCode: 7 });
        await serveAll('2a', '3a');

        // Back: the release before is ready on what the newest left, the one before that stays down.
        await leave(third);
        const back = await start(2, '2b');
        expect(await answers(back, 200)).toMatch(/^degraded: ahead/);
        await serveAll('2a', '2b');
        const tooFar = await start(1, '1c');
        expect(await answers(tooFar, 503)).toMatch(/^down: ahead_incompatible \d+_order_comments/);
        await serveAll('2a', '2b');
      } finally {
        await traffic.stop();
      }
      expect(traffic.failures).toEqual([]);
      expect(traffic.served.get('1c')).toBeUndefined();
      expect(traffic.requests).toBeGreaterThan(200);
    }, 240_000);
  },
);
