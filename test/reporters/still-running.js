import { readFileSync } from 'node:fs';

/** Milliseconds after which a spec file is named, and again after as much. */
const LONG_MS = 120_000;
/** Milliseconds without the result of any test after which the run is given up: a worker that blocks itself is ended by nobody else. */
const SILENT_MS = 900_000;

/** A Jest reporter that names the spec files which do not come to an end, and ends a run that has come to a standstill. */
export default class StillRunning {
  #running = new Map();
  #timer;
  #resultAt = performance.now();

  onRunStart() {
    this.#timer = setInterval(() => this.#look(), LONG_MS);
    this.#timer.unref();
  }

  onTestFileStart({ path }) {
    this.#running.set(path, performance.now());
  }

  onTestCaseResult() {
    this.#resultAt = performance.now();
  }

  onTestFileResult({ path }) {
    this.#running.delete(path);
    this.#resultAt = performance.now();
  }

  onRunComplete() {
    clearInterval(this.#timer);
  }

  #look() {
    const now = performance.now();
    for (const [path, since] of this.#running) {
      const seconds = Math.round((now - since) / 1000);
      if (now - since > LONG_MS)
        process.stderr.write(`still running after ${seconds} s: ${path}\n`);
    }
    if (now - this.#resultAt < SILENT_MS) return;
    process.stderr.write('No test has ended for a quarter of an hour: the run is given up.\n');
    endWorkers();
    process.exit(1);
  }
}

/** A blocked worker does not hear that its parent has left. Linux only. */
function endWorkers() {
  const own = process.pid;
  try {
    for (const pid of readFileSync(`/proc/${own}/task/${own}/children`, 'utf8').trim().split(' ')) {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('jest-worker'))
        process.kill(Number(pid), 'SIGKILL');
    }
  } catch {
    // It ended meanwhile, or this is another system.
  }
}
