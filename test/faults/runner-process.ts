import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunEvent } from '../../src/run-events.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'dist/cli/main.js');
/** Programs of our own that stand in for, or are loaded into, a runner. */
export const PROCESSES = join(import.meta.dirname, 'processes');

/** How a runner ended. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The document of `--json`; null when the process was killed. */
  readonly document: RunnerDocument | null;
  readonly stderr: string;
}

export interface RunnerDocument {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly result?: {
    readonly outcome?: string;
    readonly applied?: readonly { readonly tag: string; readonly resumedFrom: number }[];
    readonly fence?: string | null;
  };
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly place?: { readonly migration?: string; readonly statement?: number };
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

export interface RunnerOptions {
  readonly url: string;
  readonly folder: string;
  /** @default ['up'] */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Modules that node loads before the runner. */
  readonly preload?: readonly string[];
  /** A program in place of the command line, in {@link PROCESSES}. */
  readonly program?: string;
}

/** A real runner in a process of its own, which a test may kill, pause and watch. */
export class RunnerProcess {
  readonly events: RunEvent[] = [];
  readonly finished: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #looking = new Set<() => void>();
  #ended = false;

  constructor(options: RunnerOptions) {
    const command =
      options.program === undefined
        ? [CLI, ...(options.args ?? ['up']), '--json', '--verbose', '--log-format', 'json']
        : [join(PROCESSES, options.program), ...(options.args ?? [])];
    const folder = options.program === undefined ? ['--migrations', options.folder] : [];
    const preload = (options.preload ?? []).flatMap((module) => [
      '--import',
      join(PROCESSES, module),
    ]);
    this.#child = spawn(process.execPath, [...preload, ...command, ...folder], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        NO_COLOR: '1',
        DATABASE_URL: options.url,
        MIGRATIONS: options.folder,
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 170_000,
      killSignal: 'SIGKILL',
    });
    this.finished = this.#watch();
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('not started');
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A signal to this process and no other: SIGKILL, SIGSTOP, SIGCONT, SIGTERM, SIGINT. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Whether the kernel has stopped it (state `T` in /proc). */
  isStopped(): boolean {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  }

  /** Lets a program go that waits at its barrier. */
  go(): void {
    this.#child.stdin?.write('go\n');
  }

  /** Resolves with the first event, past or future, that fits; rejects when the process ends without one. */
  seen(what: string, fits: (event: RunEvent) => boolean): Promise<RunEvent> {
    return new Promise((found, never) => {
      const look = (): void => {
        const event = this.events.find(fits);
        if (event !== undefined) found(event);
        else if (this.#ended) never(new Error(`ended without: ${what}`));
        else return;
        this.#looking.delete(look);
      };
      this.#looking.add(look);
      look();
    });
  }

  /** The n-th statement of a migration has been begun. */
  began(tag: string, statement: number): Promise<RunEvent> {
    return this.seen(
      `${tag} statement ${statement}`,
      (event) =>
        event.type === 'statement.started' && event.tag === tag && event.statement === statement,
    );
  }

  async #watch(): Promise<Outcome> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    let document = '';
    let text = '';
    stdout.setEncoding('utf8').on('data', (part: string) => (document += part));
    stderr.setEncoding('utf8');
    createInterface({ input: stderr }).on('line', (line) => {
      text += `${line}\n`;
      if (line.startsWith('{"level"')) this.events.push(JSON.parse(line) as RunEvent);
      for (const look of this.#looking) look();
    });
    const [exitCode, signal] = (await once(this.#child, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    this.#ended = true;
    for (const look of this.#looking) look();
    // An application's own lines may stand before it.
    const last = document.startsWith('{') ? document : (document.trim().split('\n').at(-1) ?? '');
    return {
      exitCode,
      signal,
      document: last.startsWith('{') ? (JSON.parse(last) as RunnerDocument) : null,
      stderr: text,
    };
  }
}

/** Runs a command of the command line to its end. */
export function runToEnd(options: RunnerOptions): Promise<Outcome> {
  return new RunnerProcess(options).finished;
}
