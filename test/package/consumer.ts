import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** What a finished process left. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody else's project, in which the packed package is installed from its tarball. */
export interface Consumer {
  readonly folder: string;
  /** Installs more from the registry. */
  install(...packages: readonly string[]): Promise<void>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Copies a folder of this repository. */
  copy(from: string, to: string): Promise<void>;
  /** Runs a program to its end with nothing of this process's environment but what programs need to be found. */
  run(
    command: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Finished>;
  start(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): ChildProcess;
  remove(): Promise<void>;
}

/** Makes a project, packs this package as `npm publish` would, and installs it with what the project itself asks for. */
export async function createConsumer(
  packageJson: Readonly<Record<string, unknown>>,
  ...packages: readonly string[]
): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'consumer-'));
  const consumer = consumerIn(folder);
  await consumer.write({
    'package.json': JSON.stringify({ name: 'consumer', private: true, ...packageJson }),
  });
  const { stdout } = await npm(
    ROOT,
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    folder,
  );
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
  await consumer.install(`./${packed?.filename}`, ...packages);
  return consumer;
}

function consumerIn(folder: string): Consumer {
  const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...env,
  });
  return {
    folder,
    install: async (...packages) => {
      const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
      await npm(folder, 'install', ...flags, ...packages);
    },
    write: async (files) => {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
    },
    copy: (from, to) => cp(join(ROOT, from), join(folder, to), { recursive: true }),
    run: async (command, args, env = {}) => {
      const child = spawn(command, args, {
        cwd: folder,
        env: environment(env),
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 120_000,
        killSignal: 'SIGKILL',
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const [exitCode] = (await once(child, 'close')) as [number];
      return { exitCode, stdout, stderr };
    },
    start: (command, args, env) =>
      spawn(command, args, {
        cwd: folder,
        env: environment(env),
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The registry is the one that this machine's npm is configured for: its environment is passed on. */
async function npm(cwd: string, ...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)('npm', args, { cwd, maxBuffer: 64 * 1024 * 1024, timeout: 170_000 });
}
