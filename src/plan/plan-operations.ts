import { isMigratorError, type ErrorPlace, type MigratorError } from '../errors.js';
import { coveredBy } from '../operations/covered-by.js';
import type { Recipe } from '../operations/operation-action.js';
import {
  begunAsStatements,
  operationChanged,
  operationRefused,
  outOfOrder,
  waitsForWorker,
} from '../operations/operation-errors.js';
import { specHash } from '../operations/operation-spec.js';
import {
  admit,
  stateOnceLeft,
  type RowPhase,
  type Standing,
} from '../operations/operation-state.js';
import type { Operation, OperationState } from '../operations/operation.js';
import { phasesOf } from '../operations/phases.js';
import { recipeOf } from '../operations/recipe-of.js';
import { actionsOf, blockersOf } from '../operations/recipe-phases.js';
import type { TableFacts } from '../operations/table-facts.js';
import type { Finding } from '../run-events.js';
import type { Dialect } from '../statements/statement.js';
import {
  isOfTheLogin,
  leftFindings,
  notLookedAt,
  warningOf,
  warningOfOnlooker,
} from './operation-findings.js';
import type { MigrationAction, OperationStep } from './plan.js';
import type { PlannedPhase } from './planned-phase.js';
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
  /** Of those that are called and were never begun here: the applied migration that calls their first phase, so that its statements ran by themselves. */
  readonly ranAsStatements: ReadonlyMap<string, RanAsStatements>;
  /** Of those whose first lines were comments here: names of operations whose table has no row, or is not there. */
  readonly withoutRows: ReadonlySet<string>;
  /** Whether the login that looked may not write the ledger: it is not the one that migrates, and what it lacks says nothing of that one. */
  readonly byOnlooker: boolean;
}

/** An applied migration whose line was a comment when it ran: in an empty database, or under stock `migrate()`. */
export interface RanAsStatements {
  readonly tag: string;
  /** The one before it in the journal; null = it is the first. */
  readonly before: string | null;
}

/** Nothing calls an operation. */
export const NO_OPERATIONS: ObservedOperations = {
  registered: new Map(),
  records: new Map(),
  facts: new Map(),
  ranAsStatements: new Map(),
  withoutRows: new Set(),
  byOnlooker: false,
};

interface Planned {
  readonly phases: readonly PlannedPhase[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly MigratorError[];
}

/** What a look at one phase came to. */
interface Looked {
  readonly phase: PlannedPhase | null;
  readonly findings: readonly Finding[];
}

/** The operation has it behind it. */
const PAST: Looked = { phase: null, findings: [] };

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
): Looked {
  const action = before.at(-1);
  const operation = observed.registered.get(step.name);
  // Names that nobody registered are refused with their migration.
  if (action === undefined || operation === undefined) return PAST;
  const { migration, id: tag } = action;
  const place = { migration: tag, file: migration.migration.file, line: step.line };
  const covered = coveredBy(operation, step.phase, statementsOf(migration, [step]), dialect, place);
  const earlier = states.get(step.name);
  const standing = earlier ?? begunStanding(operation, observed, place);
  const admission = admit(standing, step.phase, phasesOf(operation), leave);
  if (admission.kind === 'past') return PAST;
  if (admission.kind === 'too-early') {
    const ran = observed.ranAsStatements.get(step.name);
    if (ran !== undefined && standing.state === 'planned')
      throw begunAsStatements(operation, step.phase, admission.missing, ran, place);
    throw admission.left
      ? waitsForWorker(step.name, step.phase, admission.missing, leftIn(standing, before), place)
      : outOfOrder(step.name, step.phase, admission.missing, place, standing.state === 'undone');
  }
  const left = admission.kind === 'left';
  states.set(
    step.name,
    left
      ? {
          state: stateOnceLeft(standing.state),
          leftToWorker: [...standing.leftToWorker, step.phase],
          leftBy: tag,
        }
      : { ...standing, state: admission.after },
  );
  const phase: PlannedPhase = {
    tag,
    position: step.position,
    actions: [],
    known: false,
    ...(left && { left }),
  };
  const facts = observed.facts.get(step.name);
  if (earlier === undefined && facts === null && !left) {
    return { phase: { ...phase, locked: true }, findings: [notLookedAt(step, tag)] };
  }
  const isKnown =
    earlier === undefined &&
    facts != null &&
    (facts.kind !== 'missing' || !isCreatedBefore(operation, step, before));
  if (!isKnown) return { phase, findings: [] };
  const recipe = recipeOf(operation, facts, covered);
  const findings = judge(recipe, step, observed, place);
  const actions = left ? [] : actionsOf(recipe, step.phase).filter(({ isDone }) => !isDone(facts));
  return { phase: { ...phase, actions, known: true }, findings };
}

/**
 * Where the ledger says that an operation is, before this plan.
 *
 * @throws {MigratorError} `OPERATION_CHANGED`
 */
function begunStanding(
  operation: Operation,
  observed: ObservedOperations,
  place: ErrorPlace,
): PlannedStanding {
  const record = observed.records.get(operation.name);
  const state = (record?.state ?? 'planned') as OperationState;
  if (record !== undefined && state !== 'undone' && record.specHash !== specHash(operation)) {
    throw operationChanged(operation.name, state, place);
  }
  return { state, leftToWorker: record?.leftToWorker ?? [], leftBy: null };
}

/**
 * What is said of a phase whose table was read.
 *
 * @throws {MigratorError} when something speaks against it
 */
function judge(
  recipe: Recipe,
  step: OperationStep,
  { byOnlooker }: ObservedOperations,
  place: ErrorPlace & { readonly migration: string },
): readonly Finding[] {
  const blockers = blockersOf(recipe, step.phase);
  const notOurs = byOnlooker ? blockers.filter(isOfTheLogin) : [];
  const inTheWay = blockers.filter((blocker) => !notOurs.includes(blocker));
  if (inTheWay.length > 0) throw operationRefused(step.name, step.phase, inTheWay, place);
  return [
    ...notOurs.map((blocker) => warningOfOnlooker(blocker, step, place.migration)),
    ...recipe.blockers
      .filter(({ severity }) => severity === 'warning')
      .map((blocker) => warningOf(blocker, step, place.migration)),
  ];
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
