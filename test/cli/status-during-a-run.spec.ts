import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hostname } from 'node:os';
import { migratorWorld, type MigratorWorld } from '../migrator/migrator-world.js';
import { holdTable } from '../run/table-holder.js';
import { documentOf, runCli } from './child.js';

let world: MigratorWorld;
beforeEach(async () => {
  world = await migratorWorld('postgres18', [
    { tag: '0000_people', sql: 'CREATE TABLE people (id int);' },
  ]);
});
afterEach(() => world.close());

it('status names the run in progress, of which the ledger knows nothing yet', async () => {
  const runner = world.migrator({ build: 'v7', name: 'orders', lockTimeoutMs: 30_000 });
  await runner.up();
  await world.journal.add({ tag: '0001_email', sql: 'ALTER TABLE people ADD COLUMN email text;' });
  const reader = await holdTable('postgresql', world.database.url, 'people');
  const running = runner.up();
  running.catch(() => undefined);
  try {
    await runner.seen((event) => event.type === 'statement.started' && event.tag === '0001_email');
    const status = (...flags: string[]) =>
      runCli(['status', '--migrations', world.journal.folder, ...flags], {
        cwd: world.journal.folder,
        env: { DATABASE_URL: world.database.url },
      });
    const during = documentOf(await status('--json'));
    expect(during.result).toMatchObject({
      migrations: [{ verdict: 'applied' }, { verdict: 'pending', attempt: null }],
      lock: {
        state: 'held',
        holder: {
          host: hostname(),
          pid: process.pid,
          release: 'v7',
          heldForMs: expect.any(Number),
          heartbeatAgeMs: expect.any(Number),
        },
        session: { state: 'active', transactionAgeMs: expect.any(Number) },
      },
    });
    const { stdout } = await status();
    expect(stdout).toMatch(/^A run is in progress: .*pending/m);
    expect(stdout).toMatch(
      new RegExp(`: held by .* on ${hostname()} \\(pid ${process.pid}, build v7, for .*heartbeat`),
    );
    expect(stdout).toMatch(/^ {2}session \d+ .*active, transaction open for /m);
  } finally {
    await reader.release();
  }
  await running;
  expect((await world.migrator().status()).lock).toMatchObject({ state: 'free', holder: null });
});
