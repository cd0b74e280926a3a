import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failureClass, type FailureClass } from './failure-class.js';
import { systemCode } from './system-code.js';

/** How a program is started: never through a shell. */
export interface ProgramCall {
  /** A name on the PATH, or a path. */
  readonly command: string;
  /** Seen by everybody on the machine: nothing secret. */
  readonly args: readonly string[];
  /** Beside what {@link PASSED_ON} takes over from this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Where its output goes, with mode 600; must not exist yet. null = it is short, and returned. */
  readonly file: string | null;
}

/** How it ended. What it wrote to stderr is not kept: it may hold values. */
export type ProgramEnd =
  | { readonly outcome: 'missing' }
  | {
      readonly outcome: 'ended';
      /** Empty where it went to a file. */
      readonly stdout: string;
      /** The end of its output. */
      readonly tail: string;
      /** Of its output. */
      readonly sha256: string;
      readonly bytes: number;
    }
  | {
      readonly outcome: 'failed';
      /** null = ended by a signal. */
      readonly exitCode: number | null;
      readonly why: FailureClass;
    };

/** Milliseconds that a program may take to end after SIGTERM. */
const GRACE_MS = 5000;

/**
 * Names of what a dump program needs of this process's environment: its libraries, its language, and what libpq and node-postgres both read where our
 * options leave something open. PGSERVICE and PGHOSTADDR are not among them: they would lead it to another server, and node-postgres does not know them.
 */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|SystemRoot|PGPORT|PGUSER|PGPASSWORD|PGPASSFILE|PGOPTIONS|PGSSL\w+)$/i;

/** Bytes of stderr, and of a short answer, that are looked at. */
const LOOKED_AT = 64 * 1024;

/** Bytes at the end of an output that are looked at. */
const TAIL = 1024;

/**
 * Runs a program to its end.
 *
 * @throws the signal's reason, when it was ended for that; what is wrong with the file
 */
export async function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const { signal, file } = call;
  signal.throwIfAborted();
  let child: ReturnType<typeof started>;
  try {
    child = started(call);
  } catch (error) {
    // Such as more arguments than the system takes: Node throws what is not a matter of the file.
    return notStarted(error);
  }
  const ended = new Promise<{ readonly code: number | null; readonly error: Error | null }>(
    (resolve) => {
      child.once('error', (error) => resolve({ code: null, error }));
      child.once('close', (code) => resolve({ code, error: null }));
    },
  );
  const kill = (name: NodeJS.Signals): void => endGroup(child.pid, name);
  let hard: NodeJS.Timeout | undefined;
  const stop = (): void => {
    kill('SIGTERM');
    hard = setTimeout(() => kill('SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  const hash = createHash('sha256');
  const output = collect(child.stdout, (chunk) => hash.update(chunk), file);
  // How it ended decides; its words only help to say why.
  const complaint = readText(child.stderr).catch(() => '');
  try {
    const { bytes, text, tail } = await output.catch((error: unknown) => {
      kill('SIGTERM');
      throw error;
    });
    const [{ code, error }, said] = [await ended, await complaint];
    signal.throwIfAborted();
    if (error !== null) return notStarted(error);
    if (code !== 0) return { outcome: 'failed', exitCode: code, why: failureClass(said) };
    return { outcome: 'ended', stdout: text, tail, sha256: hash.digest('hex'), bytes };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await ended;
    clearTimeout(hard);
  }
}

function started({ command, args, env }: ProgramCall) {
  return spawn(command, [...args], {
    env: { ...passedOn(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal is for us to pass on, and what a wrapper script has started ends with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

function notStarted(error: unknown): ProgramEnd {
  const code = systemCode(error);
  if (code === 'ENOENT') return { outcome: 'missing' };
  return {
    outcome: 'failed',
    exitCode: null,
    why: code === 'EACCES' ? 'not-executable' : 'not-started',
  };
}

/** Negative = the group. It may have ended by itself meanwhile. */
function endGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

async function collect(
  stdout: Readable,
  look: (chunk: Buffer) => void,
  file: string | null,
): Promise<{ readonly bytes: number; readonly text: string; readonly tail: string }> {
  let bytes = 0;
  let text = '';
  let tail = Buffer.alloc(0);
  const count = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-TAIL)]).subarray(-TAIL);
      look(chunk);
      yield chunk;
    }
  };
  if (file === null) {
    for await (const chunk of count(stdout)) {
      if (text.length < LOOKED_AT) text += chunk.toString('utf8');
    }
  } else {
    // 'wx': a file that is there is never written over. Flushed, because what it holds is about to be dropped.
    await pipeline(
      stdout,
      count,
      createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
    );
  }
  return { bytes, text, tail: tail.toString('utf8') };
}

async function readText(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (text.length < LOOKED_AT) text += chunk.toString('utf8');
  }
  return text;
}

function passedOn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && PASSED_ON.test(name) ? [[name, value]] : [],
    ),
  );
}
