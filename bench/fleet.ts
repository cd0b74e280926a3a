import { setTimeout as pass } from 'node:timers/promises';
import { createMigrator, type Migrator } from '../src/index.js';
import { writeJournal } from '../test/journals/write-journal.js';
import type { DatabaseServer, TestDatabase } from '../test/servers/index.js';
import type { Measured } from './measure.js';
import { withServer, type BenchServer } from './servers.js';

const REPLICAS = 100;
const FOR_MS = 60_000;
const MIGRATIONS = 50;

/** How many migrations the replicas ship, beside those that are applied, and what they answer then. */
const STANDINGS = {
  current: { ships: MIGRATIONS, answers: 'up', settlesMs: 15_000 },
  'behind for a minute': { ships: MIGRATIONS + 1, answers: 'down', settlesMs: 60_000 },
  'older than the database': { ships: MIGRATIONS - 1, answers: 'degraded', settlesMs: 15_000 },
} as const;

/** Statements and sessions that the server has counted since it started. */
interface Counted {
  readonly statements: number;
  readonly sessions: number;
  /** Of the replicas, open at this moment. */
  readonly open: number;
}

/** What a fleet costs its database, wherever it stands: registered, renewing its leases, reading what readiness is judged by. */
export async function fleet(): Promise<readonly Measured[]> {
  const lines: Measured[] = [];
  for (const name of ['Postgres 18', 'MySQL 9.7', 'MariaDB 10.11'] as const)
    lines.push(...(await on(name)));
  return lines;
}

async function on(name: BenchServer): Promise<readonly Measured[]> {
  return withServer(name, async (server) => {
    const lines: Measured[] = [];
    for (const standing of Object.keys(STANDINGS) as (keyof typeof STANDINGS)[])
      lines.push(...(await standingOf(server, `${standing}, ${name}`, STANDINGS[standing])));
    return lines;
  });
}

async function standingOf(
  server: DatabaseServer,
  label: string,
  { ships, answers, settlesMs }: (typeof STANDINGS)[keyof typeof STANDINGS],
): Promise<readonly Measured[]> {
  const { dialect } = server;
  const database = await server.createDatabase();
  const tables = Array.from({ length: MIGRATIONS + 1 }, (_, index) => ({
    tag: `${String(index).padStart(4, '0')}_t`,
    sql: `create table t${index} (id int primary key);`,
  }));
  const applied = await writeJournal(tables.slice(0, MIGRATIONS), { dialect });
  const shipped = await writeJournal(tables.slice(0, ships), { dialect });
  const open = (migrations: string): Migrator =>
    createMigrator({ database: { dialect, url: database.url }, migrations });
  const job = open(applied.folder);
  await job.up();
  await job.close();
  const replicas = Array.from({ length: REPLICAS }, () => open(shipped.folder));
  const answering = (): number =>
    replicas.filter(({ readiness }) => readiness.current().state === answers).length;
  try {
    for (const { readiness } of replicas) readiness.start();
    while (answering() < REPLICAS) await pass(100);
    // The reads of the start-up are over, and the leases run.
    await pass(settlesMs);
    const before = await count(database, dialect);
    await pass(FOR_MS);
    const after = await count(database, dialect);
    const seconds = FOR_MS / 1000;
    const rate = (after.statements - before.statements) / seconds;
    return [
      {
        measure: `statements a second of ${REPLICAS} replicas, ${label}`,
        ours: `${rate.toFixed(1)} on ${((after.sessions - before.sessions) / seconds).toFixed(1)} connections a second, ${answering()} ${answers}`,
        peer: '',
        figure: rate,
        target: 20,
        unit: '/s',
      },
      {
        measure: `connections of ${REPLICAS} replicas that stand open, ${label}`,
        ours: `${after.open}`,
        peer: '',
        figure: after.open,
        target: 3,
        unit: 'open',
      },
    ];
  } finally {
    await Promise.all(replicas.map((replica) => replica.close()));
    await applied.remove();
    await shipped.remove();
    await database.drop();
  }
}

async function count(database: TestDatabase, dialect: 'postgresql' | 'mysql'): Promise<Counted> {
  if (dialect === 'postgresql') {
    // Every statement of a replica is a transaction, and so is what a session looks up of itself when it begins.
    const [row] = await database.query<{ commits: string; sessions: string; open: string }>(
      `select xact_commit + xact_rollback as commits, sessions,
              (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()) as open
         from pg_stat_database where datname = current_database()`,
    );
    const sessions = Number(row?.sessions);
    return { statements: Number(row?.commits) - sessions, sessions, open: Number(row?.open) };
  }
  // Not `Questions`: it counts a connection as well.
  const rows = await database.query<Record<string, string>>(
    `show global status where variable_name like 'Com\\_%' or variable_name in ('Connections', 'Threads_connected')`,
  );
  const values = new Map(
    rows.map((row) => {
      const [name, value] = Object.values(row);
      return [String(name).toLowerCase(), Number(value)] as const;
    }),
  );
  const of = (name: string): number => values.get(name) ?? Number.NaN;
  const statements = [...values]
    .filter(([name]) => name.startsWith('com_'))
    .reduce((sum, [, value]) => sum + value, 0);
  return { statements, sessions: of('connections'), open: of('threads_connected') - 1 };
}
