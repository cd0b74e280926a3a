import type { FleetView } from '../fleet/fleet.js';
import type { MigratorError } from '../errors.js';
import { isMigratorError } from '../errors.js';
import type { ParsedMigration } from '../journal/journal.js';
import type { Attempt, LedgerRow, Match } from '../ledger/ledger.js';
import type { Finding } from '../run-events.js';
import type { ObjectName } from '../statements/statement.js';
import { actionOf } from './action-of.js';
import {
  aheadOfDown,
  halfApplied,
  noWayBack,
  notAlone,
  notReached,
  operationStands,
  refusedInUse,
  unknownWhoUses,
} from './down-refusals.js';
import { consentTo } from './gate-actions.js';
import type { DatabaseObservation, MigrationAction, Step } from './plan.js';
import { ambiguous, downUnfinished, readOnlyServer } from './refusals.js';
import { startOf } from './resume.js';
import { stepsOf, withoutData } from './steps.js';

/** A migration that is applied and is to go, with its way back. */
export interface Revertible {
  readonly match: Match;
  /** What was applied, as its file, or where there is none its manifest, says it now. */
  readonly up: ParsedMigration;
  /** Its down file; null = there is none. */
  readonly down: ParsedMigration | null;
}

/** What the way back saw. */
export interface DownObservation extends Omit<DatabaseObservation, 'pending' | 'atStake'> {
  /** Newest first. */
  readonly back: readonly Revertible[];
  /** Migrations of the range that were begun and are not through. */
  readonly begun: readonly Attempt[];
  /** Ways back of what is to stay that were begun and are not through. */
  readonly halfBack: readonly Attempt[];
  /** What a runner that died left `running`. */
  readonly stale: boolean;
}

/** How far back, and past what. */
export interface DownRequest {
  /** The last migration that stays; null = none does. */
  readonly to: string | null;
  /** The one migration that is meant to go; null = all behind {@link to}. */
  readonly only: string | null;
  /** Whether a contract may be reverted, whose data does not come back. */
  readonly contracts: 'refuse' | 'revert';
  /** The command that was given, for messages. */
  readonly command: string;
  /** Names of the ledger and of our own tables: what is reverted is put on record there. */
  readonly ownTables: ReadonlySet<string>;
  /** Names of code migrations that have a way back. */
  readonly codeWithDown: ReadonlySet<string>;
}

/** The way back: what would be done, newest first, or why nothing may be. */
export interface DownPlan {
  readonly actions: readonly MigrationAction[];
  readonly findings: readonly Finding[];
  readonly refusals: readonly MigratorError[];
}

/**
 * How to get back to a migration, newest first; one refusal anywhere in the range refuses all of it, before anything is touched. Pure.
 *
 * An entry of the range, first matching row decides:
 * | entry | answer |
 * | --- | --- |
 * | ambiguous | refuse |
 * | contract | refuse: what it took away does not come back |
 * | `@irreversible`, no down file or an empty one, one that touches our own tables, a code migration without `down` | refuse |
 * | it called an operation that is on record and not undone | refuse, with the command that undoes it |
 * | an unfinished way back | resume, or refuse: {@link startOf} |
 * | an instance runs that knows it, or nobody can tell | refuse |
 * | anything else | revert; with a warning where its file was edited since, for its down file is taken at its word |
 *
 * Rows that this folder does not know, newer than what stays, refuse everything: their ways back are in a newer build.
 */
export function planDown(
  observed: DownObservation,
  request: DownRequest,
  fleet: FleetView,
): DownPlan {
  const { actions, refusals } = planRange(observed, request);
  const objections = actions.flatMap(
    (action) => objectionTo(action, observed.ledger.empty, fleet) ?? [],
  );
  return {
    actions,
    findings: [...observed.back.flatMap(editedFinding), ...actions.flatMap(removalFinding)],
    refusals: [...refusals, ...objections],
  };
}

function planRange(
  observed: DownObservation,
  request: DownRequest,
): { readonly actions: readonly MigrationAction[]; readonly refusals: readonly MigratorError[] } {
  const actions: MigrationAction[] = [];
  const refusals: MigratorError[] = [...refusalsOfAll(observed, request)];
  for (const one of observed.back) {
    const answer = answerTo(one, observed, request);
    if (isMigratorError(answer)) refusals.push(answer);
    else actions.push(answer);
  }
  if (actions.length > 0 && observed.server.readOnly)
    refusals.push(readOnlyServer(observed.server));
  return { actions, refusals };
}

function refusalsOfAll(
  { match, journal, begun, back, halfBack }: DownObservation,
  { to, only, command }: DownRequest,
): readonly MigratorError[] {
  const stays = journal.migrations.find(({ tag }) => tag === to);
  const entry = match.entries.find(({ tag }) => tag === to);
  const oldest = Math.min(...journal.migrations.map(({ createdAtMs }) => createdAtMs));
  const newer = match.unknown.filter((row) => isNewer(row, stays?.createdAtMs ?? oldest));
  return [
    ...(stays !== undefined && entry?.verdict === 'pending' ? [notReached(stays.tag)] : []),
    ...(newer.length > 0 ? [aheadOfDown(newer)] : []),
    ...begun.map((attempt) => halfApplied(attempt, command)),
    ...halfBack.map((attempt) => downUnfinished(attempt, journal)),
    ...(only !== null && back.some((one) => one.match.tag !== only) ? [notAlone(only)] : []),
  ];
}

/** What is older than the whole folder is history that it no longer ships. */
function isNewer({ createdAt }: LedgerRow, than: number): boolean {
  return createdAt === null || Number(createdAt) > than;
}

function answerTo(
  { match, up, down }: Revertible,
  observed: DownObservation,
  request: DownRequest,
): MigratorError | MigrationAction {
  if (match.verdict === 'ambiguous' || match.row === null) return ambiguous(match);
  const why = whyNot(up, down, request);
  if (why !== null) return noWayBack(up, why);
  if (down === null) throw new TypeError(`${match.tag} has no down file`);
  const standing = standingOperation(up, observed);
  if (standing !== null) return operationStands(up, standing.name, standing.state, request.command);
  const steps = stepsDown(down, observed);
  const start = startOf(down, steps, observed, request.command);
  if (start.refusal !== undefined) return start.refusal;
  return actionOf(down, steps, observed.server.dialect, {
    kind: 'revert',
    command: request.command,
    resume: start.resume,
    reverts: rowsOf(match.row, observed.match.duplicates),
  });
}

/** Its row, and those that record it a second time: one that stays would make it applied again. */
function rowsOf(row: LedgerRow, duplicates: readonly LedgerRow[]): readonly string[] {
  const twins = duplicates.filter(
    ({ hash, createdAt, name }) =>
      (hash === row.hash && createdAt === row.createdAt) || (name !== null && name === row.name),
  );
  return [row, ...twins].map(({ id }) => id);
}

/** Why a migration cannot be reverted, whoever asks. */
export type NoWayBack =
  | { readonly kind: 'contract' }
  | { readonly kind: 'irreversible'; readonly reason: string }
  | { readonly kind: 'no-down-file' }
  | { readonly kind: 'empty-down-file' }
  | { readonly kind: 'own-table'; readonly name: string; readonly line: number }
  | { readonly kind: 'code'; readonly name: string }
  | { readonly kind: 'not-called'; readonly name: string; readonly line: number };

function whyNot(
  up: ParsedMigration,
  down: ParsedMigration | null,
  { contracts, codeWithDown, ownTables }: DownRequest,
): NoWayBack | null {
  if (up.impact === 'contract' && contracts === 'refuse') return { kind: 'contract' };
  const reason = up.directives.irreversible;
  if (reason !== null) return { kind: 'irreversible', reason };
  if (down === null) return { kind: 'no-down-file' };
  if (isEmpty(down) && up.statements.length > 0) return { kind: 'empty-down-file' };
  const [own] = down.statements.flatMap(({ is, line }) =>
    [...is.touches, ...is.locks.map(({ object }) => object)]
      .filter(({ name }) => ownTables.has(name))
      .map(({ name }) => ({ name, line })),
  );
  if (own !== undefined) return { kind: 'own-table', ...own };
  const code = down.directives.run.find(({ name }) => !codeWithDown.has(name));
  if (code !== undefined) return { kind: 'code', name: code.name };
  const called = new Set(up.directives.operations.map(({ name }) => name));
  const stray = down.directives.undone.find(({ name }) => !called.has(name));
  return stray === undefined ? null : { kind: 'not-called', name: stray.name, line: stray.line };
}

/** It says nothing at all: a draft that nobody wrote, or the way in which other tools say that there is no way back. */
function isEmpty({ statements, directives }: ParsedMigration): boolean {
  return statements.length === 0 && directives.run.length === 0 && directives.undone.length === 0;
}

/** An operation that the migration called and that is in the database: its own undo knows what its statements do not. */
function standingOperation(
  { directives }: ParsedMigration,
  { operations }: DownObservation,
): { readonly name: string; readonly state: string } | null {
  for (const { name } of directives.operations) {
    const record = operations.records.get(name);
    if (record !== undefined && record.state !== 'undone' && record.state !== 'planned')
      return { name, state: record.state };
  }
  return null;
}

/** The positions of a down file: without the statements of operations that are undone, whose undo has done what they say. */
export function stepsDown(
  down: ParsedMigration,
  { operations }: Pick<DownObservation, 'operations'>,
): readonly Step[] {
  const gone = down.directives.undone.flatMap(({ name, line }) => {
    if (operations.records.get(name)?.state !== 'undone') return [];
    return down.coverage.filter((one) => one.line === line);
  });
  return stepsOf(down, withoutData())
    .filter(
      (step) =>
        step.kind !== 'statement' ||
        !gone.some(({ from, until }) => from <= step.index && step.index < until),
    )
    .map((step, position) => ({ ...step, position }));
}

function objectionTo(
  action: MigrationAction,
  newDatabase: boolean,
  fleet: FleetView,
): MigratorError | null {
  const consent = consentTo(action, newDatabase, fleet);
  switch (consent?.kind) {
    case undefined:
    case 'given':
      return null;
    case 'unknown':
      return unknownWhoUses(action, consent.why);
    case 'objected':
      return refusedInUse(action, consent.by);
  }
}

function editedFinding({ match, up, down }: Revertible): readonly Finding[] {
  if (match.verdict !== 'edited' && match.verdict !== 'edited-before-adoption') return [];
  return [
    {
      code: 'edited-since',
      severity: 'warning',
      tag: match.tag,
      file: down?.migration.file ?? up.migration.file,
      message: `${match.tag} was edited after it was applied: its down file has to be the way back of what was applied then.`,
    },
  ];
}

/** What goes with the way back, before it goes. */
function removalFinding({ id, migration }: MigrationAction): readonly Finding[] {
  const removed = migration.statements.flatMap(({ is }) =>
    is.effects.filter(({ effect }) => effect === 'removes').map(({ object }) => nameOf(object)),
  );
  if (removed.length === 0) return [];
  return [
    {
      code: 'way-back-removes',
      severity: 'warning',
      tag: id,
      message: `The way back of ${id} removes ${[...new Set(removed)].join(', ')}, with what was written there since: no backup is taken.`,
    },
  ];
}

function nameOf({ kind, name }: ObjectName): string {
  return `${kind} ${name}`;
}
