import { setTimeout as delay } from 'node:timers/promises';
import { isMigratorError, type MigratorError } from '../errors.js';
import type { AppliedMigration, UpOptions, UpResult } from '../migrator.js';
import { describeDeferred } from '../plan/gate-actions.js';
import { fleetTimeout } from '../plan/gate-refusals.js';
import type { DatabasePlan } from '../plan/plan.js';
import type { Emit } from '../run-events.js';
import { lookAtDatabase } from './look.js';
import { signalOr, withLookingSession, type MigratorEnvironment } from './environment.js';

/** Pause between looks in milliseconds, stretched or shortened by up to a fifth. */
const LOOK_EVERY_MS = 1000;

/** Whoever waits says so at once, and then this often. */
const TELL_EVERY_MS = 10_000;

/** Refusals that time may mend: an old instance goes, a registry fills. */
const FLEETING: ReadonlySet<string> = new Set([
  'REFUSED_BREAKING',
  'REFUSED_HELD_BACK',
  'REFUSED_FLEET',
]);

/**
 * Runs until the fleet holds nothing back any more, or `waitFleetMs` is over. Between two runs no lock is held: others may come first, and then have done
 * what was to be done.
 *
 * @throws {MigratorError} `FLEET_TIMEOUT`; whatever a run throws that waiting does not mend
 */
export async function untilConsent(
  environment: MigratorEnvironment,
  options: UpOptions,
  emit: Emit,
  run: () => Promise<UpResult>,
): Promise<UpResult> {
  let toldAt = -Infinity;
  const tell = ({ tag, waitsFor, known }: Waiting): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    const waitedMs = Math.round(toldAt - began);
    emit({ type: 'fleet.waiting', tag, instances: known ? waitsFor.length : 0, waitedMs });
  };
  const began = performance.now();
  const left = (): number => (options.waitFleetMs ?? 0) - (performance.now() - began);
  const signal = signalOr(options.signal);
  const applied: AppliedMigration[] = [];
  for (;;) {
    const outcome = await attempt(run);
    if (outcome.kind === 'ran') {
      const { result } = outcome;
      applied.push(...result.applied);
      if (result.deferred.length === 0)
        return applied.length === 0 ? result : { ...result, outcome: 'applied', applied };
    }
    let waiting = waitingAfter(outcome);
    // At least once: what was held back a moment ago may have been let go and held back again.
    do {
      if (left() <= 0) {
        const state =
          applied.length > 0
            ? `Applied: ${applied.map(({ tag }) => tag).join(', ')}. The rest was not begun.`
            : 'Nothing was changed.';
        throw fleetTimeout(waiting.tag, waiting.waitsFor, performance.now() - began, state);
      }
      tell(waiting);
      const pause = LOOK_EVERY_MS * (0.8 + 0.4 * Math.random());
      await delay(Math.min(left(), pause), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
      const seen = await whatWaits(environment, options, signal);
      if (seen === null) break;
      waiting = seen;
    } while (!signal.aborted);
    signal.throwIfAborted();
  }
}

type Attempt =
  | { readonly kind: 'ran'; readonly result: UpResult }
  | { readonly kind: 'refused'; readonly error: MigratorError };

async function attempt(run: () => Promise<UpResult>): Promise<Attempt> {
  try {
    return { kind: 'ran', result: await run() };
  } catch (error) {
    if (isMigratorError(error) && FLEETING.has(error.code)) return { kind: 'refused', error };
    throw error;
  }
}

interface Waiting {
  readonly tag: string;
  readonly waitsFor: readonly string[];
  /** Whether these are instances; false = reasons why it is not known who runs. */
  readonly known: boolean;
}

/** @returns null when the fleet holds nothing back */
async function whatWaits(
  environment: MigratorEnvironment,
  options: UpOptions,
  signal: AbortSignal,
): Promise<Waiting | null> {
  const { plan } = await withLookingSession(environment, signal, (session) =>
    lookAtDatabase(environment, session, {
      ...(options.to !== undefined && { to: options.to }),
      ...(options.backfills !== undefined && { backfills: options.backfills }),
      ...(options.backupRef !== undefined && { backupRef: options.backupRef }),
      said: options,
      signal,
    }),
  );
  return waitingOf(plan);
}

function waitingOf({ deferred, refusals }: DatabasePlan): Waiting | null {
  const [refusal] = refusals;
  // The first one counts, as it does in a run: what waiting does not mend is for the next run to say.
  if (refusal !== undefined) return FLEETING.has(refusal.code) ? refusedFor(refusal) : null;
  const [first] = deferred;
  return first === undefined ? null : { ...describeDeferred(first), known: true };
}

function waitingAfter(outcome: Attempt): Waiting {
  if (outcome.kind === 'refused') return refusedFor(outcome.error);
  const [first] = outcome.result.deferred;
  return { tag: '', waitsFor: [], ...first, known: true };
}

function refusedFor({ details, place }: MigratorError): Waiting {
  const { instances, why } = details;
  const known = Array.isArray(instances);
  const names = known ? instances : Array.isArray(why) ? why : [];
  return { tag: place.migration ?? '', waitsFor: names.map(String), known };
}
