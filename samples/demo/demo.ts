/**
 * `npm run demo`: two replicas of samples/postgres and its release job, as processes of their own, against a Postgres that is started for
 * the occasion. Prints what a rollout looks like from outside, and ends with 0 only if it looked like that.
 */
import { type DatabaseServer, startPostgres } from '../../test/servers/index.js';
import { type Ended, SampleProcess } from './child.js';
import { type Cleanup, expect, outcome, play, say } from './play.js';
import { Replica } from './replica.js';

const DEADLINE_MS = 60_000;

type Row = readonly [step: string, who: string, result: string];

async function rollout(cleanup: Cleanup, signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const row = (...cells: Row): void => {
    rows.push(cells);
    say(cells.join('  '));
  };
  const replica = async (name: string, url: string): Promise<Replica> =>
    cleanup.add(await Replica.start(name, url, signal), (started) => started.process.stop());

  say('Starting an embedded Postgres ...');
  const server = cleanup.add(await startPostgres({ version: 18 }), (started) => started.stop());
  const orders = await server.createDatabase();

  const replicas = await Promise.all(
    ['replica 1', 'replica 2'].map((name) => replica(name, orders.url)),
  );
  const pids = replicas.map(({ process }) => process.pid);
  for (const { process, url } of replicas) say(`${process.name} is pid ${process.pid}, ${url}`);
  for (const one of replicas) {
    await one.until(async () => !(await one.ready()).reasons.includes('unknown'), signal);
    const { httpStatus, reasons } = await one.ready();
    expect(httpStatus === 503, `${one.process.name} answers 503 before the release job`);
    row(
      'before the release job',
      one.process.name,
      `/health/ready ${httpStatus}: ${reasons.join(', ')}`,
    );
  }

  const job = await run(cleanup, 'release job', orders.url);
  row('release job', `pid ${job.process.pid}`, outcome(job.ended));

  for (const one of replicas) {
    await one.until(async () => (await one.ready()).httpStatus === 200, signal);
    const { httpStatus } = await one.ready();
    row('after it, no restart', one.process.name, `/health/ready ${httpStatus}`);
  }
  expect(
    replicas.every(({ process }, index) => process.running && process.pid === pids[index]),
    'the replicas are the processes that were started',
  );
  const [first, second] = replicas;
  if (first && second) row('an order', 'replica 1 to 2', await placeOrder(first, second));

  await twoJobsAtOnce(cleanup, server, row);
  return rows;
}

/** Two release jobs on one fresh database: the ledger says who did the work. */
async function twoJobsAtOnce(
  cleanup: Cleanup,
  server: DatabaseServer,
  row: (...cells: Row) => void,
): Promise<void> {
  const fresh = await server.createDatabase();
  const jobs = await Promise.all(['job A', 'job B'].map((name) => run(cleanup, name, fresh.url)));
  const [lock] = await fresh.query<{ readonly pid: string }>(
    `select holder->>'pid' as pid from drizzle.migration_lock where part = 'fence'`,
  );
  const [effect] = await fresh.query<{ readonly fences: string; readonly applied: string }>(
    `select count(distinct fence) as fences, count(*) as applied from drizzle.migration_attempts where kind = 'migration' and state = 'done'`,
  );
  expect(effect?.fences === '1', 'one of the two jobs did all the work');
  for (const { process, ended } of jobs) {
    const did =
      String(process.pid) === lock?.pid
        ? `owner, applied ${effect?.applied}`
        : 'found nothing left to do';
    row('two jobs at once', `${process.name}, pid ${process.pid}`, `${outcome(ended)}, ${did}`);
  }
}

async function run(
  cleanup: Cleanup,
  name: string,
  url: string,
): Promise<{ readonly process: SampleProcess; readonly ended: Ended }> {
  const job = await SampleProcess.start(name, ['--release-job'], { DATABASE_URL: url });
  cleanup.add(job, (started) => started.stop());
  const ended = await job.ended;
  expect(ended.exitCode === 0, `${name} exits 0, not ${ended.exitCode}:\n${job.lastLines}`);
  return { process: job, ended };
}

async function placeOrder(at: Replica, seenBy: Replica): Promise<string> {
  const response = await fetch(`${at.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customer: 'ada', lines: [{ sku: 'tea', quantity: 2 }] }),
  });
  const { id } = (await response.json()) as { readonly id: number };
  const read = await fetch(`${seenBy.url}/orders/${id}`);
  const order = (await read.json()) as { readonly totalCents: number };
  expect(response.status === 201 && order.totalCents === 1180, 'the order can be read');
  return `POST /orders ${response.status}, GET /orders/${id} ${read.status}`;
}

await play({
  head: ['step', 'who', 'result'],
  deadlineMs: DEADLINE_MS,
  act: rollout,
});
