import { spawn } from 'node:child_process';

/** A program that is run to its end. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number;
  /** How many of its last characters are kept. */
  readonly keep: number;
}

/** How a program ended. */
export interface ProgramEnd {
  /** null = killed. */
  readonly exitCode: number | null;
  /** The end of what it wrote, to whichever stream. */
  readonly output: string;
}

/** Runs a program without a terminal, and hears what it says. Rejects where it cannot be started. */
export function runProgram(program: Program): Promise<ProgramEnd> {
  const { command, args, env, cwd, timeoutMs, keep } = program;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const hear = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-keep);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}
