import { MigratorError } from '../errors.js';

/** The signals of a run, turned into an abort. */
export interface HeldSignals {
  /** Aborted with a `MigratorError` `INTERRUPTED_SIGTERM` or `INTERRUPTED_SIGINT`. */
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  release(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** One Ctrl-C may arrive twice: from the terminal, and passed on by the Nest CLI. Within this time it counts once. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Holds SIGTERM and SIGINT while a run works: the first asks it to stop between statements, record and release.
 * One that comes later means it: the signal takes its ordinary effect.
 */
export function holdSignals(): HeldSignals {
  const controller = new AbortController();
  let firstAt: number | null = null;
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    const at = performance.now();
    if (firstAt === null) {
      firstAt = at;
      controller.abort(interrupted(name === 'SIGINT' ? 'SIGINT' : 'SIGTERM'));
    } else if (at - firstAt > SAME_SIGNAL_MS) {
      release();
      process.kill(process.pid, name);
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: controller.signal, release };
}

function interrupted(name: 'SIGTERM' | 'SIGINT'): MigratorError {
  return new MigratorError(`INTERRUPTED_${name}`, {
    message: `Stopped by ${name}.`,
    state: 'What was finished before is recorded; what was under way was finished or rolled back.',
    remedy: 'Run the same command again: it goes on from there.',
  });
}
