import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { freemem, tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The test run's end of the broker: a socket for the specs, and behind it the process that owns the servers, started by the first question.
 * That process lives in a session of its own and ends when its standard input closes, so it outlives neither Ctrl-C nor kill -9 of the run.
 */
export class Broker {
  /** All servers of the run, shared and private, keep their data in here. Made by the broker, which also removes it. */
  run = join(dataHome(), `ndm-servers-${randomBytes(6).toString('hex')}`);
  /** Where the specs ask. On Linux an abstract name (`@`), of which nothing is left when a run without any server is killed. */
  address = process.platform === 'linux' ? `@${basename(this.run)}` : `${this.run}.sock`;
  /** What provision.ts found, so that the next run need not look. */
  stamp = join(root, 'node_modules/.cache/nestjs-drizzle-migrator/servers.json');
  #waiting = new Map();
  #server;
  #child;

  /** Answers the specs, which find it in their environment: one line in, one line out. */
  async listen() {
    process.env.TEST_SERVERS_RUN = this.run;
    process.env.TEST_SERVERS_BROKER = this.address;
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      createInterface({ input: socket }).once('line', (question) => {
        void this.ask(question).then((answer) => socket.end(answer));
      });
    });
    this.#server.listen(this.address.replace('@', '\0'));
    await once(this.#server, 'listening');
    this.#server.unref();
  }

  /** Whether an earlier run found all programs, and they are still there. */
  isProvisioned() {
    return (
      existsSync(this.stamp) &&
      JSON.parse(readFileSync(this.stamp, 'utf8')).every((path) => existsSync(path))
    );
  }

  /** Passes a question on; resolves to the answer, a JSON document. */
  ask(question) {
    const child = (this.#child ??= this.#start());
    // An open question keeps this process alive; an idle broker does not.
    const alive = setInterval(() => {}, 2 ** 30);
    const answered = new Promise((resolve) => {
      const others = this.#waiting.get(question);
      if (others !== undefined) return void others.push(resolve);
      this.#waiting.set(question, [resolve]);
      child.stdin.write(`${question}\n`);
    });
    return answered.finally(() => clearInterval(alive));
  }

  /** Lets the broker stop its servers and waits until it has. */
  async end() {
    this.#server?.close();
    if (this.#child !== undefined && this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.ref();
      this.#child.stdin.end();
      await gone;
    }
  }

  #start() {
    const jiti = createRequire(import.meta.url).resolve('jiti/package.json');
    // The broker asks nobody.
    const { TEST_SERVERS_BROKER: _, ...environment } = process.env;
    const child = spawn(
      process.execPath,
      [join(jiti, '../lib/jiti-cli.mjs'), join(root, 'test/servers/broker.ts'), this.stamp],
      {
        cwd: root,
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...environment, NODE_OPTIONS: '', TEST_SERVERS_RUN: this.run },
      },
    );
    const reply = (question, answer) => {
      for (const resolve of this.#waiting.get(question) ?? []) resolve(answer);
      this.#waiting.delete(question);
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { question, ...answer } = JSON.parse(line);
      reply(question, JSON.stringify(answer));
    });
    child.stdin.on('error', () => {}); // it left first: 'exit' says so
    child.on('exit', () => {
      const answer = JSON.stringify({ error: 'the broker of the test servers left' });
      for (const question of this.#waiting.keys()) reply(question, answer);
    });
    for (const handle of [child, child.stdin, child.stdout]) handle.unref();
    return child;
  }
}

/** Memory where there is plenty, because creating a database is writing three hundred files; else the temporary folder. */
function dataHome() {
  const plenty = 6 * 2 ** 30;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > plenty && freemem() > plenty) return '/dev/shm';
  } catch {
    // not Linux
  }
  return tmpdir();
}
