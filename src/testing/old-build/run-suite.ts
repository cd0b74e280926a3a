import { AssertionError } from 'node:assert';
import { spawn } from 'node:child_process';
import { withTestContext, type TestContext } from '../server/test-context.js';
import type { ScratchDatabase } from '../server/scratch-database.js';

/** The tests of the previous release: a function, or a program that finds the database in `DATABASE_URL`. */
export type Suite = ((context: TestContext) => Promise<void>) | SuiteCommand;

/** A program, run without a shell. */
export interface SuiteCommand {
  readonly command: string;
  readonly args?: readonly string[];
  /** Over this process's environment, and under `DATABASE_URL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default the working directory */
  readonly cwd?: string;
  /** Milliseconds after which it is ended, and has failed. @default 600000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 600_000;
/** Characters of a program's output that an error repeats: the last ones. */
const OUTPUT = 4000;

/** Resolves when all of it passes. @throws what the function throws; {@link AssertionError} with the end of the program's output */
export async function runSuite(suite: Suite, database: ScratchDatabase): Promise<void> {
  if (typeof suite === 'function') return withTestContext(database, (context) => suite(context));
  const { exitCode, output } = await ended(suite, database.url);
  if (exitCode === 0) return;
  const called = [suite.command, ...(suite.args ?? [])].join(' ');
  throw new AssertionError({
    message: `${called} ${exitCode === null ? `was ended after ${suite.timeoutMs ?? TIMEOUT_MS} ms` : `ended with exit code ${exitCode}`}\n${output}`,
    actual: exitCode,
    expected: 0,
    operator: 'exitCode',
  });
}

function ended(
  { command, args = [], env, cwd, timeoutMs = TIMEOUT_MS }: SuiteCommand,
  url: string,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env, DATABASE_URL: url },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const hear = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output: withoutUrl(output, url).trim() }));
  });
}

/** A suite may print its database's URL, and that has a password. */
function withoutUrl(output: string, url: string): string {
  return output.replaceAll(url, '(DATABASE_URL)');
}
