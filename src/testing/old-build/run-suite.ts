import { AssertionError } from 'node:assert';
import { runProgram, type ProgramEnd } from '../server/run-program.js';
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

/** What was cut off before the URL was taken out could leave a part of it: so more is kept than is shown. */
async function ended(
  { command, args = [], env, cwd, timeoutMs = TIMEOUT_MS }: SuiteCommand,
  url: string,
): Promise<ProgramEnd> {
  const { exitCode, output } = await runProgram({
    ...{ command, args, cwd, timeoutMs },
    env: { ...process.env, ...env, DATABASE_URL: url },
    keep: OUTPUT + 2 * url.length,
  });
  return { exitCode, output: withoutUrl(output, url).slice(-OUTPUT).trim() };
}

/** A suite may print its database's URL, and that has a password. */
function withoutUrl(output: string, url: string): string {
  return output.replaceAll(url, '(DATABASE_URL)');
}
