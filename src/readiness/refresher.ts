import { isMigratorError, type ErrorCode } from '../errors.js';
import type { ReadinessProbe } from '../migrator.js';
import { isBad, settle, type Standing } from './assess.js';
import type { Ground } from './ground.js';
import { groundsOf, judge, type ResolvedReadinessOptions } from './judge.js';
import type { BuildKnowledge } from './knowledge.js';
import type { Readiness, ReadinessObservation, ReadinessState } from './readiness.js';

/** A change of state or of its reasons, told once. */
export interface ReadinessTransition {
  readonly from: ReadinessState;
  readonly to: ReadinessState;
  readonly readiness: Readiness;
  /** Code of the error that ended the read, where one did. */
  readonly code: ErrorCode | null;
}

/** Runs something later, once; returns the function that calls it off. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

export interface ReadinessProbeDeps {
  /**
   * One read: opens a reader session, keeps this replica's place in the fleet, reads the ledger, matches, runs markers, closes. Must end soon after the
   * signal is aborted. It is told what this replica answers at the moment.
   * What it throws counts as unreachable, or as what its code says.
   */
  observe(signal: AbortSignal, state: ReadinessState): Promise<ReadinessObservation>;
  /** Says goodbye to the fleet. @default nobody is told */
  leave?(signal: AbortSignal): Promise<void>;
  readonly knowledge: Pick<BuildKnowledge, 'describe'> & Partial<Pick<BuildKnowledge, 'called'>>;
  /** With every default filled in. */
  readonly options: ResolvedReadinessOptions;
  /** Called at every change of state or reasons; what it throws is swallowed. */
  onTransition?(transition: ReadinessTransition): void;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** From 0 up to 1, for the jitter. @default Math.random */
  readonly random?: () => number;
  /** @default an unref'd setTimeout */
  readonly schedule?: Schedule;
}

/** Intervals are stretched by up to a fifth, so that replicas which started together do not read together; never shortened, for that would cost the database more. */
const JITTER = 0.2;

/**
 * Reads in a row that find a database which is reached and not ready, before the next ones come less often: a hundred replicas that wait for a long
 * migration would cost it a hundred reads a second for as long as it takes.
 */
const PATIENT_READS = 30;
const LESS_OFTEN = 1.5;

/** A result older than this many intervals says nothing any more. */
const STALE_INTERVALS = 3;

/** Connecting may take this long, each of a read's few statements `queryTimeoutMs`. */
const CONNECT_MS = 800;
const STATEMENTS_PER_READ = 6;

const UNKNOWN = groundsOf('none');
const UNREACHABLE = groundsOf('unreachable');

/** What is kept between reads. Replaced as a whole by each read. */
interface Memory extends Standing {
  readonly grounds: readonly Ground[];
  /** When the last read ended, reached or not; null before the first. */
  readonly readAt: number | null;
  readonly unreachableSince: number | null;
  /** Reads in a row that reached the database and found it not ready. */
  readonly waited: number;
}

const NOTHING_READ: Memory = {
  grounds: UNKNOWN,
  readAt: null,
  unreachableSince: null,
  waited: 0,
  wasReady: false,
  serving: false,
  badReads: 0,
  unreachableMs: 0,
};

/**
 * The background refresher: reads every second while not ready (after half a minute less often), every ten seconds while ready, one read at a time,
 * and answers {@link ReadinessProbe.current} from memory, so that a probe never waits for the application's pool.
 * Timers are unref'd: readiness never holds a process open.
 */
export function createReadinessProbe(deps: ReadinessProbeDeps): ReadinessProbe {
  const { options } = deps;
  const now = deps.now ?? (() => performance.now());
  const random = deps.random ?? Math.random;
  const schedule = deps.schedule ?? unrefTimeout;
  const readDeadlineMs = CONNECT_MS + STATEMENTS_PER_READ * options.queryTimeoutMs;

  let memory = NOTHING_READ;
  let told: Readiness = settle(UNKNOWN, NOTHING_READ, options);
  let life = new AbortController();
  let started = false;
  let callOff: (() => void) | null = null;
  let reading: Promise<void> | null = null;

  /** What is true now: what the last read found, unless it is too old to say anything. */
  function current(): Readiness {
    if (memory.readAt === null) return settle(UNKNOWN, NOTHING_READ, options);
    const at = now();
    const stale = at - memory.readAt > STALE_INTERVALS * intervalMs();
    const grounds = stale ? UNREACHABLE : memory.grounds;
    // A read that never came is missed from the moment it was due.
    const since = memory.unreachableSince ?? (stale ? memory.readAt + intervalMs() : at);
    return settle(grounds, { ...memory, unreachableMs: at - since }, options);
  }

  /** Anything but a settled, ready answer is looked at again soon: a first bad read, an outage, a replica that waits. */
  function intervalMs(): number {
    const calm = memory.serving && memory.badReads === 0 && memory.unreachableSince === null;
    if (calm) return options.readyIntervalMs;
    const late = Math.max(0, memory.waited - PATIENT_READS);
    const lateMs = options.notReadyIntervalMs * LESS_OFTEN ** late;
    return Math.max(options.notReadyIntervalMs, Math.min(lateMs, options.readyIntervalMs));
  }

  function remember(grounds: readonly Ground[], reached: boolean): void {
    const at = now();
    const unreachableSince = reached ? null : (memory.unreachableSince ?? at);
    // An unreachable database neither confirms nor clears what the reads before it found.
    const badReads = !reached ? memory.badReads : isBad(grounds) ? memory.badReads + 1 : 0;
    const standing: Standing = {
      wasReady: memory.wasReady,
      // As it was answered until now: a grace that ran out between two reads is over.
      serving: memory.serving && current().state !== 'down',
      badReads,
      unreachableMs: at - (unreachableSince ?? at),
    };
    const { state } = settle(grounds, standing, options);
    const serving = state !== 'down';
    memory = {
      ...standing,
      grounds,
      readAt: at,
      unreachableSince,
      serving,
      waited: reached && !serving ? memory.waited + 1 : 0,
      wasReady: standing.wasReady || serving,
    };
  }

  function tell(code: ErrorCode | null): void {
    const readiness = current();
    if (signature(readiness) === signature(told)) return;
    const from = told.state;
    told = readiness;
    try {
      deps.onTransition?.({ from, to: readiness.state, readiness, code });
    } catch {
      // A listener that fails must not stop the reads that everybody else relies on.
    }
  }

  async function read(stopped: AbortSignal): Promise<void> {
    const deadline = new AbortController();
    let finished = false;
    const finish = (grounds: readonly Ground[], reached: boolean, code: ErrorCode | null): void => {
      if (finished || stopped.aborted) return;
      finished = true;
      remember(grounds, reached);
      tell(code);
    };
    const calledOff = schedule(readDeadlineMs, () => {
      deadline.abort();
      // Known at the deadline, although the next read waits until this one has really ended: one connection at most.
      finish(UNREACHABLE, false, null);
    });
    try {
      const observation = await deps.observe(
        AbortSignal.any([stopped, deadline.signal]),
        current().state,
      );
      const known =
        observation.kind === 'read' ? await deps.knowledge.describe(observation.match) : [];
      const called = observation.kind === 'read' ? ((await deps.knowledge.called?.()) ?? []) : [];
      finish(judge(known, observation, options, called), observation.kind !== 'unreachable', null);
    } catch (error) {
      const code = isMigratorError(error) ? error.code : null;
      const kind = kindOf(error);
      finish(groundsOf(kind), kind !== 'unreachable', code);
    } finally {
      calledOff();
    }
  }

  /** Joins the read in flight, or makes one. */
  function readNow(): Promise<void> {
    reading ??= read(life.signal).finally(() => {
      reading = null;
    });
    return reading;
  }

  async function cycle(): Promise<void> {
    const { signal } = life;
    await readNow();
    if (!started || signal.aborted) return;
    callOff?.();
    const delayMs = intervalMs() * (1 + JITTER * random());
    callOff = schedule(delayMs, () => void cycle());
  }

  /** Bounded, and never an error: who does not get through is waited for until the lease is over. */
  async function goodbye(): Promise<void> {
    if (deps.leave === undefined) return;
    const deadline = new AbortController();
    const leaving = deps.leave(deadline.signal).catch(() => undefined);
    await within(readDeadlineMs, leaving, schedule);
    deadline.abort();
  }

  return {
    current,
    start() {
      if (started) return;
      started = true;
      void cycle();
    },
    async stop() {
      started = false;
      life.abort();
      life = new AbortController();
      callOff?.();
      callOff = null;
      // Nobody reads any more, so nothing is known any more; a replica that is started again begins anew.
      memory = NOTHING_READ;
      told = settle(UNKNOWN, NOTHING_READ, options);
      if (reading !== null) await within(readDeadlineMs, reading, schedule);
      await goodbye();
    },
    async refreshed() {
      await cycle();
      return current();
    },
  };
}

/** Waits for a read that was told to end, but not for ever: a shutdown may not hang on a driver that ignores its signal. */
function within(limitMs: number, work: Promise<void>, schedule: Schedule): Promise<void> {
  return new Promise((resolve) => {
    const callOff = schedule(limitMs, resolve);
    void work.finally(() => {
      callOff();
      resolve();
    });
  });
}

/** What an error says about the database. A journal that cannot be read means that nothing can be evaluated. */
function kindOf(error: unknown): 'none' | 'unreachable' | 'no-permission' {
  if (!isMigratorError(error)) return 'unreachable';
  if (error.code === 'MISSING_PRIVILEGE') return 'no-permission';
  return error.exitCode === 4 ? 'none' : 'unreachable';
}

function signature({ state, reasons }: Readiness): string {
  return [state, ...reasons.map((reason) => reason.code)].join(' ');
}

function unrefTimeout(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
