import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The built command line, as `bin` in package.json names it. */
export const CLI = join(ROOT, 'dist/cli/main.js');

/** What a child process did. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `nest-migrate` with nothing of this process's environment but PATH. */
export function runCli(args: readonly string[], options: ChildOptions): Promise<Finished> {
  return runNode([CLI, ...args], options);
}

/** Runs node, and fails loudly instead of hanging. */
export function runNode(args: readonly string[], options: ChildOptions): Promise<Finished> {
  return startNode(args, options).finished;
}

/** A child process that is still at work. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stderr holds the text; rejects when the process ended without it. */
  says(text: string): Promise<void>;
}

export function startCli(args: readonly string[], options: ChildOptions): Running {
  return startNode([CLI, ...args], options);
}

/** Starts node with nothing of this process's environment but PATH; killed when it hangs. */
export function startNode(args: readonly string[], options: ChildOptions): Running {
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
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
  const says = (text: string): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if (stderr.includes(text)) done();
      };
      look();
      child.stderr.on('data', look);
      child.on('close', () => fail(new Error(`ended without saying ${text}: ${stderr}`)));
    });
  return { child, finished, says };
}

/** The options that the command line would give to `createMigrator`, functions and all left out, and its remarks. */
export async function configured(
  flags: Readonly<Record<string, unknown>>,
  options: ChildOptions,
): Promise<{ readonly configuration?: Configured; readonly error?: ConfiguredError }> {
  const script = `
    const { configure } = await import(${JSON.stringify(join(ROOT, 'build/cli/configuration/configure.js'))});
    const print = (value) => console.error('\\u0001' + JSON.stringify(value));
    try { print({ configuration: await configure(${JSON.stringify({ logFormat: 'text', ...flags })}, process.env, process.cwd()) }); }
    catch (error) { print({ error }); }`;
  const finished = await runNode(['--input-type=module', '-e', script], options);
  const answer = finished.stderr.split('\u0001')[1];
  if (answer === undefined) throw new Error(`no answer: ${finished.stderr}`);
  return JSON.parse(answer) as Awaited<ReturnType<typeof configured>>;
}

export interface Configured {
  readonly kind: string;
  readonly file?: string;
  readonly name?: string;
  readonly notes?: readonly string[];
  readonly options?: Readonly<Record<string, unknown>> & {
    readonly database: Readonly<Record<string, unknown>>;
    readonly migrations?: string;
  };
}

export interface ConfiguredError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly place?: { readonly file?: string; readonly line?: number };
}

/** A folder with these files, removed by {@link removeProjects}. */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nest-migrate-cli-'));
  projects.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/**
 * A folder with `dist/migrations.module.js`, whose migrator has this operation; address and folder are DATABASE_URL and FOLDER.
 * @param operation the call of its constructor
 */
export function operationProject(operation: string): string {
  const folder = project({
    'package.json': '{ "type": "module" }',
    'dist/migrations.module.js': `import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { ${operation.slice(0, operation.indexOf('('))} } from 'nestjs-drizzle-migrator';
import { MigratorModule } from 'nestjs-drizzle-migrator/nest';
export class MigrationsModule {}
Module({ imports: [MigratorModule.forRoot({
  database: { dialect: 'postgresql', url: process.env.DATABASE_URL },
  migrations: process.env.FOLDER,
  operations: [${operation}],
})] })(MigrationsModule);`,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const projects: string[] = [];

export function removeProjects(): void {
  for (const folder of projects.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A journal with one migration, enough to be taken for a migrations folder. */
export const JOURNAL: Readonly<Record<string, string>> = {
  'meta/_journal.json': JSON.stringify({
    version: '7',
    dialect: 'postgresql',
    entries: [{ idx: 0, version: '7', when: 1700000000000, tag: '0000_first', breakpoints: true }],
  }),
  '0000_first.sql': 'CREATE TABLE first (id int);',
};

/** The files of {@link JOURNAL} inside a folder. */
export function journalIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(JOURNAL).map(([name, content]) => [`${folder}/${name}`, content]),
  );
}

/** The document of `--json`; fails unless stdout is that and nothing else. */
export function documentOf(finished: Finished): JsonDocument {
  return JSON.parse(finished.stdout) as JsonDocument;
}

export interface JsonDocument {
  readonly schemaVersion: number;
  readonly command: string;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
}
