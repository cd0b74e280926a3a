import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What one process of `processes/` reported. */
export interface Report {
  /** Of the call alone, without Node's start and imports. */
  readonly ms: number;
  /** Milliseconds since the epoch at which the call had ended. */
  readonly endedAt: number;
  readonly applied?: number;
  /** Of a backfill: how many ranges it chose. */
  readonly tuned?: number | null;
  /** Peak resident memory in MB, where the process tells it. */
  readonly peakMb?: number;
  /** Milliseconds of the whole process, from its start to its end. */
  readonly wholeMs: number;
}

/** A process that has loaded everything and waits for the word to go. */
export interface Waiting {
  /** Lets it run. @returns what it reported @throws when it failed or wrote to stderr */
  go(): Promise<Report>;
}

/** Which runner, and on what. */
export interface Work {
  readonly runner: 'ours' | 'stock' | 'backfill';
  readonly dialect: 'postgresql' | 'mysql';
  readonly url: string;
  readonly folder: string;
  /** Up to which migration. @default all */
  readonly to?: string;
  /** Leaves loading on demand to the program, as in a release job; what is to be read then is {@link Report.wholeMs}. @default false */
  readonly asShipped?: boolean;
}

const PROCESSES = fileURLToPath(new URL('./processes', import.meta.url));

/** Starts a process and waits until it is loaded. */
export async function prepare(work: Work): Promise<Waiting> {
  const script = join(PROCESSES, `${work.runner}.mjs`);
  const startedAt = performance.now();
  const child = node(
    [script, work.dialect, work.url, work.folder, ...(work.to === undefined ? [] : [work.to])],
    {
      env: { LOAD_EVERYTHING: work.asShipped === true ? '0' : '1' },
    },
  );
  const stderr = textOf(child);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout ?? fail('no stdout') });
  const received: string[] = [];
  lines.on('line', (line) => received.push(line));
  await Promise.race([once(lines, 'line'), closed]);
  return {
    go: async () => {
      child.stdin?.write('go\n');
      const [exitCode] = await closed;
      const last = received.at(-1);
      if (exitCode !== 0 || stderr() !== '' || last === undefined || last === 'ready') {
        throw new Error(`${work.runner} exited with ${exitCode}:\n${stderr()}`);
      }
      return { ...(JSON.parse(last) as Report), wholeMs: performance.now() - startedAt };
    },
  };
}

/** Starts a process, lets it run at once, and returns what it reported. */
export async function runOnce(work: Work): Promise<Report> {
  return (await prepare(work)).go();
}

/** Runs a Node program to its end. @returns milliseconds of the whole process */
export async function wholeProcess(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const startedAt = performance.now();
  const child = node(args, options);
  const stderr = textOf(child);
  child.stdout?.resume();
  child.stdin?.end();
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const ms = performance.now() - startedAt;
  if (exitCode !== 0) throw new Error(`${args.join(' ')} exited with ${exitCode}:\n${stderr()}`);
  return ms;
}

/** Runs a Node program to its end. @returns its peak resident memory in MB */
export async function peakMemory(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const file = join(folder, 'peak');
  try {
    await wholeProcess(['--import', join(PROCESSES, 'peak-memory.mjs'), ...args], {
      ...options,
      env: { ...options.env, PEAK_MEMORY_FILE: file },
    });
    return Number(await readFile(file, 'utf8')) / 1024;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The program whose memory is the measure of ours. */
export const BARE_PROGRAM = join(PROCESSES, 'bare.mjs');

function node(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  return spawn(process.execPath, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function textOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}

function fail(message: string): never {
  throw new Error(message);
}
