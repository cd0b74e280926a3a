import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../servers/ports.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** What this checkout has behind it already: installing, building, going there, and naming a database that the test names itself. */
const SETUP = /^(npm ci|cd|export) /;
/** Never from a registry: what a README of ours runs is installed. */
const OFFLINE = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };

/** A command of a README, and the remark beside it. */
export interface ReadmeCommand {
  readonly command: string;
  readonly remark: string;
}

/** The commands of the `sh` blocks, in their order; continued lines are one. */
export function commandsOf(readme: string): readonly ReadmeCommand[] {
  return [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.split(/ +# /))
    .map(([command = '', remark = '']) => ({ command: command.trim(), remark }))
    .filter(({ command }) => command !== '');
}

/** What a command did. */
interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command of a README did; one that serves has no exit code. */
export type Done = ReadmeCommand & Finished;

/**
 * Types in what the README of a sample says, in a copy of its folder: the reader's own database, and a port that is free.
 * What has a status as its remark (`503, reason: uninitialised`) is typed again until that is answered.
 */
export async function followReadme(sample: string, databaseUrl: string): Promise<readonly Done[]> {
  const readme = await readFile(join(ROOT, 'samples', sample, 'README.md'), 'utf8');
  const port = await freePort();
  const copy = await copyOf(sample);
  const env = { ...OFFLINE, DATABASE_URL: databaseUrl, PORT: String(port) };
  const type = (command: string) => typed(command, copy.folder, env);
  const serving: Serving[] = [];
  const done: Done[] = [];
  try {
    for (const { command: written, remark } of commandsOf(readme)) {
      if (SETUP.test(written)) continue;
      const command = written.replaceAll('localhost:3000', `localhost:${port}`);
      if (command === 'npm start') {
        serving.push(serve(command, copy.folder, env));
        await until(
          () => type(`curl -sf localhost:${port}/health/live`),
          ({ exitCode }) => exitCode === 0,
        );
        done.push({ command, remark, exitCode: null, stdout: '', stderr: '' });
        continue;
      }
      const finished = await until(
        () => type(command),
        ({ stdout }) => answersAs(remark, stdout),
      );
      done.push({ command, remark, ...finished });
    }
  } finally {
    await Promise.all(serving.map((each) => each.stop()));
    await copy.remove();
  }
  return done;
}

/** Whether an answer has the status, and the reason, of the remark beside the command; of another remark nothing is asked. */
export function answersAs(remark: string, stdout: string): boolean {
  const [, status, reason = ''] = /^(\d{3})\b(?:, reason: (\w+))?/.exec(remark) ?? [];
  return (
    status === undefined || (stdout.startsWith(`HTTP/1.1 ${status} `) && stdout.includes(reason))
  );
}

/** A checkout with this one sample: `nest start` empties `dist/`, from which others may run. */
async function copyOf(sample: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const checkout = await mkdtemp(join(tmpdir(), 'sample-'));
  const folder = join(checkout, 'samples', sample);
  await mkdir(folder, { recursive: true });
  const files = [
    'package.json',
    'nest-cli.json',
    'tsconfig.json',
    'drizzle.config.ts',
    'drizzle',
    'releases',
    'src',
  ];
  for (const file of files) {
    await cp(join(ROOT, 'samples', sample, file), join(folder, file), { recursive: true });
  }
  await symlink(join(ROOT, 'samples/demo'), join(checkout, 'samples/demo'));
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  await symlink(join(ROOT, 'tsconfig.json'), join(checkout, 'tsconfig.json'));
  return { folder, remove: () => rm(checkout, { recursive: true, force: true }) };
}

/** In a process group of its own: npm, the shell and node below it are stopped together. */
function start(command: string, cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const { PATH, HOME } = process.env;
  return spawn('sh', ['-c', command], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

async function typed(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  const child = start(command, cwd, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, stdout, stderr };
}

/** A command that goes on until it is stopped. */
interface Serving {
  /** Resolves when nobody of its process group has the output open any more. */
  stop(): Promise<void>;
}

function serve(command: string, cwd: string, env: Readonly<Record<string, string>>): Serving {
  const child = start(command, cwd, env);
  child.stdout?.resume();
  child.stderr?.resume();
  const closed = once(child, 'close');
  return {
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await closed;
    },
  };
}

/** Asks until the answer fits; the bound exists only to fail. */
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || performance.now() > deadline) return answer;
    await new Promise((again) => setTimeout(again, 100));
  }
}
