import { isMigratorError, type ErrorPlace, type MigratorError } from '../errors.js';
import { coveredBy } from '../operations/covered-by.js';
import type { Blocker, OperationAction, Recipe } from '../operations/operation-action.js';
import {
  operationChanged,
  operationRefused,
  outOfOrder,
  waitsForWorker,
} from '../operations/operation-errors.js';
import { specHash } from '../operations/operation-spec.js';
import {
  admit,
  isRowPhase,
  stateOnceLeft,
  type RowPhase,
  type Standing,
} from '../operations/operation-state.js';
import type { Operation, OperationState, Phase } from '../operations/operation.js';
import { phasesOf } from '../operations/phases.js';
import { recipeOf } from '../operations/recipe-of.js';
import type { TableFacts } from '../operations/table-facts.js';
import type { Finding } from '../run-events.js';
import type { Dialect } from '../statements/statement.js';
import type { MigrationAction, OperationStep } from './plan.js';
import { statementsOf } from './steps.js';

/** What was seen of the operations that pending migrations call. */
export interface ObservedOperations {
  /** By name, as the options give them. */
  readonly registered: ReadonlyMap<string, Operation>;
  /** State and hash of the definition of those that were begun here, by name. */
  readonly records: ReadonlyMap<
    string,
    {
      readonly state: string;
      readonly specHash: string;
      /** @default none */
      readonly leftToWorker?: readonly RowPhase[];
    }
  >;
  /** Their tables as they are now, by the operation's name; null = somebody else has it locked. */
  readonly facts: ReadonlyMap<string, TableFacts | null>;
  /** Whether the login that looked may not write the ledger: it is not the one that migrates, and what it lacks says nothing of that one. */
  readonly byOnlooker: boolean;
}

/** What a phase that is about to run comes to. */
export interface PlannedPhase {
  /** The migration that calls it. */
  readonly tag: string;
  readonly position: number;
  /** Those that the catalogue does not show to be done; empty = only rows are gone through, or counted. */
  readonly actions: readonly OperationAction[];
  /** False where an earlier phase of the same plan comes first: what there is to do is not known before that has run. */
  readonly known: boolean;
  /** Its table could not be read, because somebody else has it locked; {@link known} is false then. @default false */
  readonly locked?: true;
  /** `up` does not run it but leaves it to a worker. @default false */
  readonly left?: true;
}

/** Nothing calls an operation. */
export const NO_OPERATIONS: ObservedOperations = {
  registered: new Map(),
  records: new Map(),
  facts: new Map(),
  byOnlooker: false,
};

/** What speaks against the login that looked, and not against the table. */
const OF_THE_LOGIN: ReadonlySet<string> = new Set([
  'missing-privilege',
  'row-security',
  'replication-role',
]);

interface Planned {
  readonly phases: readonly PlannedPhase[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly MigratorError[];
}

/** What the phases of a plan before one have come to. */
interface PlannedStanding extends Standing {
  /** The migration of this plan that leaves a phase to a worker; null = none does. */
  readonly leftBy: string | null;
}

/**
 * The phases that the migrations of a plan call, in order, each in the state that the one before leaves. Pure; what speaks against any of them is
 * said before the first is begun.
 *
 * @param leave whether phases that go through rows are left to a worker
 */
export function planOperations(
  actions: readonly MigrationAction[],
  observed: ObservedOperations,
  dialect: Dialect,
  leave: boolean,
): Planned {
  const states = new Map<string, PlannedStanding>();
  const phases: PlannedPhase[] = [];
  const findings: Finding[] = [];
  const refusals: MigratorError[] = [];
  for (const [index, action] of actions.entries()) {
    for (const step of action.steps) {
      if (step.kind !== 'operation') continue;
      const from = action.resume?.position ?? 0;
      if (step.position < from) continue;
      try {
        const before = actions.slice(0, index + 1);
        const planned = planPhase(before, step, states, observed, dialect, leave);
        findings.push(...planned.findings);
        if (planned.phase !== null) phases.push(planned.phase);
      } catch (error) {
        if (!isMigratorError(error)) throw error;
        refusals.push(error);
      }
    }
  }
  return { phases, findings: [...findings, ...leftFindings(actions, phases)], refusals };
}

function planPhase(
  before: readonly MigrationAction[],
  step: OperationStep,
  states: Map<string, PlannedStanding>,
  observed: ObservedOperations,
  dialect: Dialect,
  leave: boolean,
): { readonly phase: PlannedPhase | null; readonly findings: readonly Finding[] } {
  const action = before.at(-1);
  const operation = observed.registered.get(step.name);
  // Parsing has refused names that nobody registered.
  if (action === undefined || operation === undefined) return { phase: null, findings: [] };
  const place: ErrorPlace = {
    migration: action.id,
    file: action.migration.migration.file,
    line: step.line,
  };
  const covered = coveredBy(
    operation,
    step.phase,
    statementsOf(action.migration, [step]),
    dialect,
    place,
  );
  const record = observed.records.get(step.name);
  const began = (record?.state ?? 'planned') as OperationState;
  if (record !== undefined && began !== 'undone' && record.specHash !== specHash(operation)) {
    throw operationChanged(step.name, began, place);
  }
  const earlier = states.get(step.name);
  const standing = earlier ?? {
    state: began,
    leftToWorker: record?.leftToWorker ?? [],
    leftBy: null,
  };
  const admission = admit(standing, step.phase, phasesOf(operation), leave);
  switch (admission.kind) {
    case 'past':
      return { phase: null, findings: [] };
    case 'too-early':
      throw admission.left
        ? waitsForWorker(step.name, step.phase, admission.missing, leftIn(standing, before), place)
        : outOfOrder(step.name, step.phase, admission.missing, place);
    case 'left':
      states.set(step.name, {
        state: stateOnceLeft(standing.state),
        leftToWorker: [...standing.leftToWorker, step.phase],
        leftBy: action.id,
      });
      break;
    case 'run':
      states.set(step.name, { ...standing, state: admission.after });
  }
  const left = admission.kind === 'left' ? ({ left: true } as const) : {};
  const facts = observed.facts.get(step.name);
  if (earlier === undefined && facts === null && admission.kind === 'run')
    return notLookedAt(step, action.id);
  const known =
    earlier === undefined &&
    facts != null &&
    (facts.kind !== 'missing' || !isCreatedBefore(operation, step, before));
  if (!known) {
    return {
      phase: { tag: action.id, position: step.position, actions: [], known: false, ...left },
      findings: [],
    };
  }
  const recipe = recipeOf(operation, facts, covered);
  const blockers = blockersOf(recipe, step.phase);
  const notOurs = observed.byOnlooker ? blockers.filter(({ code }) => OF_THE_LOGIN.has(code)) : [];
  const inTheWay = blockers.filter((blocker) => !notOurs.includes(blocker));
  if (inTheWay.length > 0) throw operationRefused(step.name, step.phase, inTheWay, place);
  return {
    phase: {
      tag: action.id,
      position: step.position,
      actions:
        admission.kind === 'left'
          ? []
          : actionsOf(recipe, step.phase).filter(({ isDone }) => !isDone(facts)),
      known: true,
      ...left,
    },
    findings: [
      ...notOurs.map((blocker) => finding(blocker, step, action.id, ONLOOKER)),
      ...recipe.blockers
        .filter(({ severity }) => severity === 'warning')
        .map((blocker) => finding(blocker, step, action.id, blocker.remedy)),
    ],
  };
}

const ONLOOKER =
  'This is no refusal, because this login may not write the ledger: what the login of the migrations lacks, nest-migrate plan with that one tells.';

function finding(
  { code, message }: Blocker,
  { name }: OperationStep,
  tag: string,
  then: string,
): Finding {
  return { code, severity: 'warning', message: `${name}: ${message} ${then}`, tag };
}

/** Which migration of the plan leaves to a worker what a phase waits for, and how far a run may go before it. */
function leftIn(
  { leftBy }: PlannedStanding,
  before: readonly MigrationAction[],
): Parameters<typeof waitsForWorker>[3] {
  if (leftBy === null) return null;
  const own = before.at(-1)?.id === leftBy;
  return { tag: leftBy, upTo: own ? null : (before.at(-2)?.id ?? null) };
}

/** One remark a migration and operation: what is left to do when the run is through, and by whom. */
function leftFindings(
  actions: readonly MigrationAction[],
  phases: readonly PlannedPhase[],
): readonly Finding[] {
  return actions.flatMap(({ id: tag, steps, migration }) => {
    const left = new Map<string, Phase[]>();
    for (const step of steps) {
      if (step.kind !== 'operation' || !isRowPhase(step.phase)) continue;
      const planned = phases.find((one) => one.tag === tag && one.position === step.position);
      if (planned?.left !== true) continue;
      left.set(step.name, [...(left.get(step.name) ?? []), step.phase]);
    }
    return [...left].map(([name, each]): Finding => ({
      code: 'left-to-worker',
      severity: 'warning',
      message: `${name}: ${each.join(' and ')} ${each.length === 1 ? 'is' : 'are'} left to a worker, which goes through the rows under a lock of its own: nest-migrate backfill run ${name}`,
      tag,
      file: migration.migration.file,
    }));
  });
}

/** What speaks against the phase is said when it is about to run. */
function notLookedAt(
  { name, phase, position }: OperationStep,
  tag: string,
): ReturnType<typeof planPhase> {
  return {
    phase: { tag, position, actions: [], known: false, locked: true },
    findings: [
      {
        code: 'operation-not-looked-at',
        severity: 'warning',
        message: `${name}: its table could not be read, because another session has it locked. What ${phase} comes to here, and what speaks against it, nest-migrate plan tells once that session is done.`,
        tag,
      },
    ],
  };
}

/** Whether the table comes with the same run, in an earlier migration or higher up in the file. */
function isCreatedBefore(
  { table }: Operation,
  step: OperationStep,
  before: readonly MigrationAction[],
): boolean {
  const last = before.at(-1);
  return before.some((action) =>
    action.migration.statements
      .filter(({ line }) => action !== last || line < step.line)
      .some(({ is }) =>
        is.effects.some(
          ({ effect, object }) =>
            effect === 'adds' && object.kind === 'table' && object.name === table.name,
        ),
      ),
  );
}

/** What stops a phase; what stops only contract is for contract to say. */
export function blockersOf({ blockers }: Recipe, phase: Phase): Recipe['blockers'] {
  return blockers.filter(
    ({ severity, phase: first }) =>
      severity === 'error' && (first !== 'contract' || phase === 'contract'),
  );
}

/** The actions of a phase; a backfill has none, it goes through rows. */
export function actionsOf(recipe: Recipe, phase: Phase): readonly OperationAction[] {
  switch (phase) {
    case 'expand':
      return recipe.expand;
    case 'verify':
      return recipe.verify;
    case 'contract':
      return recipe.contract;
    case 'backfill':
      return [];
  }
}
