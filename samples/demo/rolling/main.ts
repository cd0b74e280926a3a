/**
 * `npm run demo:rolling` in samples/postgres or samples/mysql: rolls three releases out, old and new application side by side, while both
 * write. Ends with 0 only if no request failed and every read gave what was written last.
 *
 * Makes a database of its own on the server of DATABASE_URL, and drops it; of Postgres it starts a server where there is no DATABASE_URL.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createMigrator } from 'nestjs-drizzle-migrator';
import { startPostgres } from '../../../test/servers/index.js';
import type { DatabaseServer, TestDatabase } from '../../../test/servers/database-server.js';
import { mysqlServer } from '../../../test/servers/mysql-admin.js';
import { postgresServer } from '../../../test/servers/postgres-admin.js';
import { SampleProcess } from '../child.js';
import { type Cleanup, expect, play, say } from '../play.js';
import { Release } from './release.js';
import { type Tally, Traffic } from './traffic.js';

const DEADLINE_MS = 120_000;
/** Orders that are there before release 2. */
const SEEDED = 5_000;
/** Writes by each release while two of them serve. */
const WRITES = 150;
/** What was made for which release ends with this migration. */
const LAST_MIGRATIONS = ['order_notes', 'order_comments', 'one_comment'] as const;

const sample = process.cwd();

async function roll(
  traffic: Traffic,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<readonly string[][]> {
  const database = await freshDatabase(cleanup);
  const rows: string[][] = [];
  const release = async (number: number): Promise<Release> =>
    cleanup.add(await Release.start(sample, number, database.url), (started) => started.close());
  const row = (step: string, { writes, reads, errors, differences }: Tally): void => {
    const by = [1, 2, 3].map((number) => String(writes.get(number) ?? '-'));
    rows.push([step, ...by, String(reads), String(errors), String(differences)]);
    say(step);
  };

  // None of them asks the database anything before it is asked.
  const [first, second, third] = await Promise.all([
    release(1),
    release(2),
    release(3),
    migrate(cleanup, database, 1),
  ]);
  await traffic.seed(first, SEEDED);
  traffic.start(first, signal);
  await traffic.written(WRITES, signal);
  row(`release 1, ${SEEDED} orders`, traffic.take());

  // Release 2 is ready when its job is done. It comes earlier here, for new orders, so that rows are filled in while both write.
  const done = migrate(cleanup, database, 2);
  if (await inStepBefore(done, database)) traffic.addEarly(second);
  row(`release job 2, ${await done}`, traffic.take());

  traffic.add(second);
  await traffic.written(WRITES, signal);
  await traffic.remove(first);
  await first.close();
  row('releases 1 and 2', traffic.take());

  const contracted = await migrate(cleanup, database, 3);
  row(`release job 3, ${contracted}`, traffic.take());

  traffic.add(third);
  await traffic.written(WRITES, signal);
  await traffic.remove(second);
  await second.close();
  await traffic.stop();
  row('releases 2 and 3', traffic.take());

  await traffic.compare(third);
  row(`all ${traffic.expected.size} orders`, traffic.take());
  return rows;
}

/** The release job of the sample, with the migrations that this release has. Resolves with how long it took. */
async function migrate(cleanup: Cleanup, database: TestDatabase, release: number): Promise<string> {
  const journal = JSON.parse(
    await readFile(join(sample, 'drizzle/meta/_journal.json'), 'utf8'),
  ) as { readonly entries: readonly { readonly tag: string }[] };
  const name = LAST_MIGRATIONS[release - 1] ?? '';
  const last = journal.entries.find(({ tag }) => tag.endsWith(name))?.tag ?? name;
  const job = await SampleProcess.start(
    `release job ${release}`,
    ['--release-job', '--to', last],
    { DATABASE_URL: database.url },
    sample,
  );
  cleanup.add(job, (started) => started.stop());
  const { exitCode, durationMs } = await job.ended;
  expect(exitCode === 0, `${job.name} exits 0, not ${exitCode}:\n${job.lastLines}`);
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/** Resolves with true as soon as what one column gets reaches the other, with false when the job has ended before. */
async function inStepBefore(job: Promise<unknown>, database: TestDatabase): Promise<boolean> {
  let running = true;
  const ended = (): void => void (running = false);
  job.then(ended, ended);
  const migrator = createMigrator({
    database: { dialect: dialectOf(database.url), url: database.url },
    migrations: join(sample, 'drizzle'),
  });
  try {
    while (running) {
      const operations = await migrator.operations.list();
      const rename = operations.find(({ name }) => name === 'orders-comment');
      if (rename && rename.state !== 'planned' && rename.state !== 'expanding') return true;
      await new Promise((again) => setTimeout(again, 20));
    }
    return false;
  } finally {
    await migrator.close();
  }
}

async function freshDatabase(cleanup: Cleanup): Promise<TestDatabase> {
  const server = await serverOf(process.env['DATABASE_URL'], cleanup);
  return cleanup.add(await server.createDatabase(), (created) => created.drop());
}

async function serverOf(url: string | undefined, cleanup: Cleanup): Promise<DatabaseServer> {
  if (url) return dialectOf(url) === 'mysql' ? mysqlServer(url, 'mysql') : postgresServer(url);
  expect(basename(sample) === 'postgres', 'DATABASE_URL names a MySQL or MariaDB server');
  say('Starting an embedded Postgres ...');
  return cleanup.add(await startPostgres({ version: 18 }), (started) => started.stop());
}

function dialectOf(url: string): 'postgresql' | 'mysql' {
  return url.startsWith('mysql') ? 'mysql' : 'postgresql';
}

const traffic = new Traffic();
await play({
  head: ['', 'writes of 1', 'of 2', 'of 3', 'reads', 'errors', 'differences'],
  deadlineMs: DEADLINE_MS,
  act: async (cleanup, signal) => {
    try {
      return await roll(traffic, cleanup, signal);
    } finally {
      await traffic.stop();
    }
  },
});
if (traffic.problems.length > 0) {
  process.exitCode ||= 1;
  process.stderr.write(`${traffic.problems.join('\n')}\n`);
}
