import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('application/main.js', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningApplication {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** Starts the application with nothing of this process's environment but PATH; killed when it hangs. */
export function startApplication(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningApplication {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((done, fail) => {
    child.on('error', fail);
    child.on('close', (exitCode) => done({ exitCode, stdout, stderr }));
  });
  return { child, finished };
}

export function runApplication(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  return startApplication(args, env).finished;
}
