import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverIdentity } from './identity.js';
import { family, isAlive, send, statOf } from './process-table.js';

/** What to start, and how to see that it serves. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory; lies in the run's own directory, which is how a left-over process is recognised as ours. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A line of its output that says it accepts connections. */
  readonly readyWhen: RegExp;
  /** Milliseconds until it must be ready. @default 60000 */
  readonly readyWithinMs?: number;
}

/** A server left before it was ready. */
export class LaunchError extends Error {
  constructor(
    command: string,
    readonly output: string,
  ) {
    super(`${command} did not become ready. Its last output:\n${output}`);
    this.name = 'LaunchError';
  }

  /** Another process took the port between the look and the start: try another one. */
  get portTaken(): boolean {
    return /address (already )?in use|could not bind|can't start server: bind/i.test(this.output);
  }
}

/** Milliseconds until a process that was told to stop must stand still. */
const STOP_MS = 10_000;

/** One running server process, known by its process id. */
export class ServerProcess {
  readonly pid: number;
  /** Resolves when the process itself is gone. */
  readonly exited: Promise<void>;
  private tail = '';

  private constructor(private readonly child: ChildProcess) {
    if (child.pid === undefined) throw new Error('not started');
    this.pid = child.pid;
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => {
        this.tail = (this.tail + text).slice(-16_384);
      });
    }
  }

  /** Starts a server and resolves when it says that it is ready. */
  static async launch(launch: Launch): Promise<ServerProcess> {
    const [command, args] = prepare(launch.command, launch.args);
    const child = spawn(command, args, {
      cwd: launch.cwd,
      env: serverEnvironment(launch.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const server = new ServerProcess(child);
    await server.becomesReady(launch);
    // A spec that forgets to stop its server must not keep its worker alive; the server ends with the worker.
    child.unref();
    for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
    return server;
  }

  /** The last 16 kB that the server printed. */
  get output(): string {
    return this.tail;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a signal and resolves when the process is gone; SIGKILL takes its child processes along. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    this.child.ref();
    const all = signal === 'SIGKILL' ? this.freeze() : [this.pid];
    for (const pid of all) send(pid, signal);
    await this.exited;
    // Children of a killed parent are nobody's to wait for, and Postgres does not start again before they are gone.
    while (all.some(isAlive)) await setTimeout(5);
  }

  /** SIGSTOP to all its processes: connections stay open and nothing answers, as on a machine that hangs. Returns when all stand still. */
  pause(): void {
    this.freeze();
  }

  /** SIGCONT to all its processes. */
  resume(): void {
    for (const pid of family(this.pid).toReversed()) send(pid, 'SIGCONT');
  }

  /** The kernel's state letter of each of its processes, such as `S` (sleeping) or `T` (stopped). */
  states(): readonly string[] {
    return family(this.pid).flatMap((pid) => statOf(pid)?.state ?? []);
  }

  /** Stops the parent first, and counts its children when it stands still and can have no more. Blocking, so that nothing of a test happens meanwhile. */
  private freeze(): readonly number[] {
    stopped(this.pid);
    const all = family(this.pid);
    for (const pid of all) stopped(pid);
    return all;
  }

  private becomesReady(launch: Launch): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(deadline);
        this.child.off('exit', left);
        this.child.stdout?.off('data', look);
        this.child.stderr?.off('data', look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const failed = (): LaunchError => new LaunchError(launch.command, this.tail);
      // 'exit' may come before the last output: wait for the streams to end.
      const left = (): void => void this.child.once('close', () => done(failed()));
      const look = (): void => {
        if (launch.readyWhen.test(this.tail)) done();
      };
      const deadline = globalThis.setTimeout(() => {
        const error = failed();
        void this.kill('SIGKILL').then(() => done(error));
      }, launch.readyWithinMs ?? 60_000);
      this.child.once('exit', left);
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
      look();
    });
  }
}

/** SIGSTOP, and waits until the kernel has carried it out: on a busy machine that is a moment later. */
function stopped(pid: number): void {
  send(pid, 'SIGSTOP');
  const moment = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + STOP_MS;
  for (let state = statOf(pid)?.state; state !== undefined && !'TZX'.includes(state);) {
    if (performance.now() > deadline)
      throw new Error(`process ${pid} does not stand still: ${state}`);
    Atomics.wait(moment, 0, 0, 1);
    state = statOf(pid)?.state;
  }
}

/** Runs a program to its end as the servers' user; rejects with its output when it fails. */
export async function runAsServer(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  },
): Promise<string> {
  const identity = serverIdentity();
  const running = promisify(execFile)(command, args, {
    cwd: options.cwd,
    env: serverEnvironment(options.env),
    maxBuffer: 64 * 1024 * 1024,
    ...identity,
  });
  // A program that leaves early does not read its input; its exit tells more than the broken pipe.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(options.input ?? '');
  const { stdout } = await running;
  return stdout;
}

/** The first program of this name on the PATH or in `places`. */
export function findProgram(name: string, places: readonly string[] = []): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...places]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * util-linux `setpriv` changes the user and ties the server's life to the process that started it: the kernel sends SIGKILL when that one
 * ends, however it ends. Where it is missing (not Linux) servers are stopped by their owner alone.
 */
function prepare(command: string, args: readonly string[]): [string, readonly string[]] {
  const identity = serverIdentity();
  const setpriv = process.platform === 'linux' ? findProgram('setpriv', ['/usr/bin']) : undefined;
  if (setpriv === undefined) {
    if (identity === undefined) return [command, args];
    throw new Error('Starting servers as root needs setpriv (package util-linux).');
  }
  const drop =
    identity === undefined
      ? []
      : [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups'];
  return [setpriv, [...drop, '--pdeathsig=KILL', command, ...args]];
}

/** Nothing of the caller's environment but where to find programs: PGHOST, MYSQL_HOME and friends must not reach a test server. */
function serverEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...extra };
}
