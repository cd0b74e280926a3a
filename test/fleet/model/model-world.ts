import type { FleetView } from '../../../src/fleet/fleet.js';
import { LEASE_MS, type Instance } from '../../../src/fleet/instance.js';
import type { Attempt } from '../../../src/ledger/ledger.js';
import type { OperationState, Phase } from '../../../src/operations/operation.js';
import { withoutReverted } from '../../../src/ledger/reverted.js';
import { gateActions, consentTo } from '../../../src/plan/gate-actions.js';
import type { MigrationAction } from '../../../src/plan/plan.js';
import { isBad, settle, type Standing } from '../../../src/readiness/assess.js';
import type { CalledPhases } from '../../../src/readiness/operation-grounds.js';
import { judge, type ResolvedReadinessOptions } from '../../../src/readiness/judge.js';
import type { ReadinessState } from '../../../src/readiness/readiness.js';
import { READINESS_DEFAULTS } from '../../../src/resolve-options.js';
import { attempt, known, read, row, timeOf } from '../../readiness/observations.js';
import type { DownRequest, FleetWorld, RunOutcome, UpRequest } from './fleet-world.js';
import type { Step } from './history.js';

interface Row {
  readonly id: string;
  readonly build: number;
  startedAt: number;
  leaseUntil: number;
  stopped: boolean;
}

interface Process {
  readonly build: number;
  readonly registers: boolean;
  standing: Standing;
}

/** What a mutation does to the gates: each takes one guard away. */
export interface Mutation {
  /** What a gate sees instead of what there is. */
  readonly view?: (view: FleetView) => FleetView;
  /** Nobody looks again behind the announcement. */
  readonly withoutSecondLook?: boolean;
  /** Requirements of what was begun are not told to older builds. */
  readonly withoutRequires?: boolean;
  /** Readiness does not look where operations stand. */
  readonly withoutOperations?: boolean;
  /** A replica looks into the ledger before it registers. */
  readonly readsBeforeItRegisters?: boolean;
}

const OPTIONS: ResolvedReadinessOptions = READINESS_DEFAULTS;
const FRESH: Standing = { wasReady: false, serving: false, badReads: 0, unreachableMs: 0 };

/** The decisions of the package over a database and processes of plain data. */
export class ModelWorld implements FleetWorld {
  #now = 0;
  #applied = 0;
  #poisoned = false;
  #intact = true;
  #rows: Row[] = [];
  readonly #attempts: Attempt[] = [];
  /** Those on record. */
  readonly #operations = new Map<string, OperationState>();
  /** Registrations that come late, under a mutation. */
  readonly #late: (() => void)[] = [];
  #running = false;
  readonly #processes = new Map<number, Process>();

  constructor(
    private readonly steps: readonly Step[],
    private readonly mutation: Mutation = {},
  ) {}

  async start(id: number, build: number, registers: boolean): Promise<void> {
    this.#processes.set(id, { build, registers, standing: FRESH });
  }

  async refresh(id: number): Promise<ReadinessState> {
    const process = this.#processes.get(id);
    if (process === undefined) throw new TypeError('no such process');
    if (this.mutation.readsBeforeItRegisters === true) {
      const state = this.#assess(process);
      if (this.#running) this.#late.push(() => this.#register(id, process));
      else this.#register(id, process);
      return state;
    }
    this.#register(id, process);
    return this.#assess(process);
  }

  async stop(id: number): Promise<void> {
    for (const one of this.#rows) if (one.id === String(id)) one.stopped = true;
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms;
  }

  async truncate(): Promise<void> {
    this.#intact = false;
    this.#rows = [];
  }

  async poison(on: boolean): Promise<void> {
    this.#poisoned = on;
  }

  async up(
    { build, said, when, rows }: UpRequest,
    boot: (() => Promise<void>) | null,
  ): Promise<RunOutcome> {
    const newDatabase = this.#applied === 0;
    const view = (): FleetView => this.#view(said);
    let booted = boot === null;
    const bootOnce = async (at: UpRequest['when']): Promise<void> => {
      if (booted || at !== when) return;
      booted = true;
      await boot?.();
    };
    if (this.#applied < build) this.#tend(said);
    this.#running = true;
    for (;;) {
      const pending = this.steps.slice(this.#applied, build).map(actionOf);
      const asked = !newDatabase && pending.some(({ impact }) => impact !== 'expand');
      const plan = gateActions(pending, newDatabase, view());
      if (asked) await bootOnce('before');
      const [refusal] = plan.refusals;
      if (refusal !== undefined) return this.#outcome(false, refusal.code);
      const leaves = rows === 'worker' && !newDatabase;
      if (this.#isTooEarly(plan.actions, leaves))
        return this.#outcome(false, 'OPERATION_OUT_OF_ORDER');
      let objected = false;
      for (const action of plan.actions) {
        const requires = action.migration.requires;
        if (action.impact !== 'expand' && !newDatabase) {
          const announced = this.#announce(action.id, requires);
          // As on a real server: the registry is read, and then somebody may come whom only the announcement can stop.
          const looked = view();
          if (asked) await bootOnce('behind');
          this.#late.splice(0).forEach((register) => register());
          const consent = consentTo(action, false, looked);
          if (
            this.mutation.withoutSecondLook !== true &&
            consent !== null &&
            consent.kind !== 'given'
          ) {
            this.#attempts.splice(announced, 1);
            objected = true;
            break;
          }
          this.#attempts.splice(announced, 1);
        }
        if (this.#poisoned && this.#applied > 0) {
          this.#attempts.push(this.#attempt(action.id, requires, 'failed'));
          return this.#outcome(false, 'MIGRATION_FAILED');
        }
        this.#attempts.push(this.#attempt(action.id, requires, 'done'));
        this.#enter(this.steps[this.#applied], newDatabase ? build : null, leaves);
        this.#applied += 1;
      }
      if (!objected) return this.#outcome(plan.deferred.length > 0, null);
    }
  }

  async down(
    { build, to, said, when }: DownRequest,
    boot: (() => Promise<void>) | null,
  ): Promise<RunOutcome> {
    if (to > this.#applied) return this.#outcome(false, 'USAGE');
    if (build < this.#applied) return this.#outcome(false, 'LEDGER_AHEAD');
    const range = this.steps.slice(to, this.#applied);
    if (range.some(({ impact, operation }) => impact === 'contract' || operation !== undefined))
      return this.#outcome(false, 'NO_WAY_BACK');
    let booted = boot === null;
    const bootOnce = async (at: DownRequest['when']): Promise<void> => {
      if (booted || at !== when) return;
      booted = true;
      await boot?.();
    };
    // The plan before the lock refuses without the registry being looked after.
    const refusals = (): string | null => {
      for (const step of this.steps.slice(to, this.#applied).toReversed()) {
        const consent = consentTo(reversalOf(step), false, this.#view(said));
        if (consent?.kind === 'objected') return 'REFUSED_IN_USE';
        if (consent?.kind === 'unknown') return 'REFUSED_FLEET';
      }
      return null;
    };
    const early = refusals();
    if (early !== null) return this.#outcome(false, early);
    this.#tend(said);
    this.#running = true;
    while (this.#applied > to) {
      const refused = refusals();
      await bootOnce('before');
      if (refused !== null) return this.#outcome(false, refused);
      for (const step of this.steps.slice(to, this.#applied).toReversed()) {
        const announced = this.#announceBack(step.tag);
        const looked = this.#view(said);
        await bootOnce('behind');
        this.#late.splice(0).forEach((register) => register());
        const consent = consentTo(reversalOf(step), false, looked);
        this.#attempts.splice(announced, 1);
        if (this.mutation.withoutSecondLook !== true && consent?.kind !== 'given') break;
        if (this.#poisoned) return this.#outcome(false, 'MIGRATION_FAILED');
        this.#attempts.push(this.#back(step.tag, 'done'));
        this.#applied -= 1;
      }
    }
    return this.#outcome(false, null);
  }

  async work(): Promise<void> {
    for (const { operation } of this.steps.slice(0, this.#applied))
      if (operation?.phase === 'rows' && this.#operations.get(operation.name) === 'expanded')
        this.#operations.set(operation.name, 'verified');
  }

  async close(): Promise<void> {}

  /** A runner that has something to do establishes the registry again once every instance has had time to come back. */
  #tend(said: UpRequest['said']): void {
    const backAgain = this.#rows.some(({ startedAt }) => this.#now - startedAt >= LEASE_MS);
    if (backAgain || said === 'confirmed') this.#intact = true;
  }

  /** Whether a contract is to be carried out before its rows are through. */
  #isTooEarly(actions: readonly MigrationAction[], leaves: boolean): boolean {
    const planned = this.steps.filter(({ tag }) => actions.some(({ id }) => id === tag));
    return planned.some(({ operation }) => {
      if (operation?.phase !== 'contract') return false;
      const goesThrough = planned.some(
        (step) => step.operation?.name === operation.name && step.operation.phase === 'rows',
      );
      return goesThrough ? leaves : this.#operations.get(operation.name) === 'expanded';
    });
  }

  /**
   * Puts on record where an operation stands. In a database without data it is carried out only where it stays open.
   *
   * @param born how far the first run of such a database goes; null = it has data
   */
  #enter(step: Step | undefined, born: number | null, leaves: boolean): void {
    if (step?.operation === undefined) return;
    const { name, phase } = step.operation;
    if (phase === 'rows' && leaves) return;
    const ends = this.steps
      .slice(0, born ?? 0)
      .some(({ operation }) => operation?.name === name && operation.phase === 'contract');
    if (!ends) this.#operations.set(name, STATE_AFTER[phase]);
  }

  #announceBack(tag: string): number {
    return this.#attempts.push(this.#back(tag, 'running')) - 1;
  }

  #back(tag: string, state: Attempt['state']): Attempt {
    return { ...this.#attempt(tag, null, state), kind: 'down' };
  }

  #outcome(deferred: boolean, code: string | null): RunOutcome {
    this.#running = false;
    this.#late.splice(0).forEach((register) => register());
    return { applied: this.#applied, deferred, code };
  }

  #announce(tag: string, requires: string | null): number {
    return this.#attempts.push(this.#attempt(tag, requires, 'running')) - 1;
  }

  #attempt(tag: string, requires: string | null, state: Attempt['state']): Attempt {
    const position = this.steps.findIndex((step) => step.tag === tag);
    return attempt(tag, timeOf(position), {
      id: String(this.#attempts.length + 1),
      requires: this.mutation.withoutRequires === true ? null : requires,
      impact: this.steps[position]?.impact ?? null,
      state,
    });
  }

  #register(id: number, { build, registers }: Process): void {
    if (!registers || this.#applied === 0) return;
    const leaseUntil = this.#now + LEASE_MS;
    const own = this.#rows.find((one) => one.id === String(id));
    if (own === undefined)
      this.#rows.push({ id: String(id), build, startedAt: this.#now, leaseUntil, stopped: false });
    else Object.assign(own, { leaseUntil, stopped: false });
  }

  #assess(process: Process): ReadinessState {
    const entries = this.steps.slice(0, process.build).map(({ tag, impact }, position) => ({
      tag,
      impact,
      verdict: position < this.#applied ? ('applied' as const) : ('pending' as const),
    }));
    const unknown = this.steps
      .slice(process.build, this.#applied)
      .map(({ tag }, index) => row(tag, timeOf(process.build + index)));
    const observation = {
      ...read(entries, {
        unknown,
        attempts: withoutReverted(this.#attempts),
        version: this.#applied === 0 ? null : 'v0',
      }),
      operations: this.mutation.withoutOperations === true ? null : this.#operations,
    };
    const called = calledBy(this.steps.slice(0, process.build));
    const grounds = judge(known(entries), observation, OPTIONS, called);
    const { wasReady, serving, badReads } = process.standing;
    const standing: Standing = {
      wasReady,
      serving,
      badReads: isBad(grounds) ? badReads + 1 : 0,
      unreachableMs: 0,
    };
    const { state } = settle(grounds, standing, OPTIONS);
    process.standing = {
      ...standing,
      serving: state !== 'down',
      wasReady: wasReady || state !== 'down',
    };
    return state;
  }

  #view(said: UpRequest['said']): FleetView {
    const view: FleetView = {
      mode: 'auto',
      intact: this.#intact,
      instances: this.#rows.map((one) => this.#instance(one)),
      sightings: [],
      blind: [],
      forgetMs: 300_000,
      confirmed: said === 'confirmed',
      allowDowntime: said === 'downtime',
      lenient: false,
      gone: new Set(),
    };
    return this.mutation.view?.(view) ?? view;
  }

  #instance({ id, build, leaseUntil, startedAt, stopped }: Row): Instance {
    return {
      ...{
        id,
        stopped,
        service: 'api',
        build: `b${build}`,
        host: `pod-${id}`,
        machine: null,
        pid: 1,
        state: 'up',
      },
      knows: this.steps.slice(0, build).map(({ tag }) => tag),
      leaseLeftMs: leaseUntil - this.#now,
      ageMs: this.#now - startedAt,
    };
  }
}

const STATE_AFTER = { expand: 'expanded', rows: 'verified', contract: 'done' } as const;
const PHASES_OF = {
  expand: ['expand'],
  rows: ['backfill', 'verify'],
  contract: ['contract'],
} as const;

/** Which phases of operations a build calls. */
function calledBy(steps: readonly Step[]): readonly CalledPhases[] {
  const called = new Map<string, Set<Phase>>();
  for (const { operation } of steps) {
    if (operation === undefined) continue;
    const phases = called.get(operation.name) ?? new Set<Phase>();
    for (const phase of PHASES_OF[operation.phase]) phases.add(phase);
    called.set(operation.name, phases);
  }
  return [...called].map(([name, phases]) => ({ name, phases }));
}

/** What a gate looks at of a way back. */
function reversalOf(step: Step): MigrationAction {
  return { ...actionOf(step), kind: 'revert' };
}

/** What a gate looks at of an action. */
function actionOf({ tag, impact }: Step): MigrationAction {
  const migration = {
    migration: { tag, file: `${tag}.sql` },
    requires: impact === 'expand' ? null : tag,
    impact,
    statements: [],
  };
  return { id: tag, kind: 'apply', impact, migration, resume: null } as unknown as MigrationAction;
}
