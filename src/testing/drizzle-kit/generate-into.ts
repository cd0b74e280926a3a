import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { MigratorError } from '../../errors.js';
import { runProgram } from '../server/run-program.js';

/** What `drizzle-kit generate` did in a copy of the folder. */
export interface Generated {
  /** What it wrote, a file each; empty = nothing. */
  readonly written: readonly string[];
  /** null = it was ended at the deadline. */
  readonly exitCode: number | null;
  /** The last of what it said. */
  readonly said: string;
}

const SAID = 2000;

/**
 * Runs the project's own `drizzle-kit generate` with its configuration file, but into a copy of the migrations, with nobody at the terminal.
 *
 * @param config absolute path
 * @param folder absolute path of the migrations
 * @throws {MigratorError} `MISSING_PACKAGE`
 */
export async function generateInto(
  config: string,
  folder: string,
  timeoutMs: number,
): Promise<Generated> {
  const program = kitProgram(config);
  const temporary = await mkdtemp(join(tmpdir(), 'nest-migrate-drift-'));
  try {
    const out = join(temporary, 'out');
    await cp(folder, out, { recursive: true });
    const before = new Set(await sqlFiles(out));
    const stand = join(temporary, 'drizzle.config.ts');
    const from = JSON.stringify(config);
    // Relative, because drizzle-kit 0.31 puts `./` before it.
    const given = JSON.stringify(relative(process.cwd(), out));
    await writeFile(
      stand,
      `import content from ${from};\nconst config = (content as { default?: object }).default ?? content;\nexport default { ...config, out: ${given} };\n`,
    );
    const { exitCode, said } = await ended(program, stand, timeoutMs);
    const added = (await sqlFiles(out)).filter((file) => !before.has(file));
    const written = await Promise.all(added.map((file) => readFile(join(out, file), 'utf8')));
    return { written, exitCode, said };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function sqlFiles(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.sql')).toSorted();
}

async function ended(
  program: string,
  config: string,
  timeoutMs: number,
): Promise<{ readonly exitCode: number | null; readonly said: string }> {
  const { exitCode, output } = await runProgram({
    command: process.execPath,
    args: [program, 'generate', `--config=${config}`],
    env: { ...process.env, CI: 'true', NO_COLOR: '1' },
    timeoutMs,
    keep: SAID,
  });
  return { exitCode, said: output.trim() };
}

function kitProgram(config: string): string {
  for (const from of [config, join(process.cwd(), 'package.json')]) {
    const main = resolveFrom(from);
    const program = main === null ? null : join(dirname(main), 'bin.cjs');
    if (program !== null && existsSync(program)) return program;
  }
  throw new MigratorError('MISSING_PACKAGE', {
    message: 'The package "drizzle-kit" is not installed: npm install --save-dev drizzle-kit',
    remedy: 'npm install --save-dev drizzle-kit',
    details: { package: 'drizzle-kit' },
  });
}

function resolveFrom(file: string): string | null {
  try {
    return createRequire(file).resolve('drizzle-kit');
  } catch {
    return null; // the answer, not a failure
  }
}
