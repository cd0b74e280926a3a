import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../test/servers/process.js';

const POSTGRES = fileURLToPath(new URL('../postgres', import.meta.url));
const LAST_LINES = 20;

/** How a process ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly durationMs: number;
}

/** The compiled sample as a process of its own, as a container would run it. */
export class SampleProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  private output = '';

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const startedAt = performance.now();
    this.pid = child.pid ?? 0;
    this.ended = once(child, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      durationMs: performance.now() - startedAt,
    }));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** `node dist/main.js`, with `--release-job` where asked. */
  static async start(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    sample = POSTGRES,
  ): Promise<SampleProcess> {
    // On Linux the kernel ends the child with us, even if we are killed and can clean up nothing.
    const setpriv = process.platform === 'linux' ? findProgram('setpriv', ['/usr/bin']) : undefined;
    const tied = setpriv === undefined ? [] : [setpriv, '--pdeathsig=KILL'];
    const [command, ...rest] = [...tied, process.execPath, 'dist/main.js', ...args];
    const child = spawn(command ?? process.execPath, rest, {
      cwd: sample,
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    return new SampleProcess(name, child);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it printed last, for a demo that went wrong. */
  get lastLines(): string {
    return this.output.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  }

  /** SIGTERM, and SIGKILL for a process that does not listen. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await this.ended;
    clearTimeout(impatience);
  }
}
