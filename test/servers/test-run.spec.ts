import { afterEach, expect, it } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { postgresServer } from './postgres-admin.js';
import { processesIn } from './process-table.js';

interface Run {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly run: string;
  readonly urls: readonly [postgres: string, redis: string];
}

const started: Run[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(finish));
});

/** A test run in a process of its own, as another terminal would have it. */
async function startRun(): Promise<Run> {
  const jiti = dirname(createRequire(import.meta.url).resolve('jiti/package.json'));
  const { TEST_SERVERS_RUN: _run, TEST_SERVERS_BROKER: _broker, ...outside } = process.env;
  const child = spawn(
    process.execPath,
    [
      join(jiti, 'lib/jiti-cli.mjs'),
      fileURLToPath(new URL('./fixtures/test-run.ts', import.meta.url)),
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...outside, NODE_OPTIONS: '', TEST_POSTGRES_URL: '' },
    },
  );
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const run: Run = { process: child, ...(JSON.parse(line) as Pick<Run, 'run' | 'urls'>) };
  started.push(run);
  return run;
}

/** Ends a run in order; one that is gone already stays gone. */
async function finish(run: Run): Promise<void> {
  if (run.process.exitCode !== null || run.process.signalCode !== null) return;
  const gone = once(run.process, 'exit');
  run.process.stdin.end();
  await gone;
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function remains(run: Run): Promise<readonly unknown[]> {
  return [
    ...processesIn(run.run),
    ...(existsSync(run.run) ? [run.run] : []),
    ...(await Promise.all(run.urls.map(answers))).filter(Boolean),
  ];
}

/** The broker outlives a killed run for the moment that it needs to clean up. */
async function untilNothingRemains(run: Run): Promise<readonly unknown[]> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const left = await remains(run);
    if (left.length === 0 || performance.now() > deadline) return left;
    await setTimeout(25);
  }
}

it.each(['SIGKILL', 'SIGINT'] as const)(
  'nothing is left when a run is ended by %s',
  async (signal) => {
    const run = await startRun();
    expect(await remains(run)).not.toEqual([]);
    run.process.kill(signal);
    expect(await untilNothingRemains(run)).toEqual([]);
  },
);

it('two runs at once have servers of their own: one ends, leaves nothing and does not disturb the other', async () => {
  const [one, other] = await Promise.all([startRun(), startRun()]);
  expect(new Set([...one.urls, ...other.urls]).size).toBe(4);
  await finish(one);
  expect(await remains(one)).toEqual([]);
  const [row] = await postgresServer(other.urls[0]).query('SELECT 1 AS one');
  expect(row).toEqual({ one: 1 });
  expect(await Promise.all(other.urls.map(answers))).toEqual([true, true]);
});
