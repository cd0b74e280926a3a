import { isMigratorError, MigratorError, type ErrorPlace } from '../errors.js';
import { coveredBy } from '../operations/covered-by.js';
import type { Operation, Phase } from '../operations/operation.js';
import { phasesOf } from '../operations/phases.js';
import type { ClassifiedStatement, Dialect } from '../statements/statement.js';

/** Lines that go between two statements. */
export interface PlacedLines {
  /** 0-based statement that they stand above; the number of statements = below the last. */
  readonly above: number;
  /** Directly below the statement before, or directly above the next: what stands between may be a comment on the next. */
  readonly keepTo: 'before' | 'next';
  readonly lines: readonly string[];
}

/** Where the lines of an operation go, and what they are to cover there. */
export interface OperationLines {
  readonly placed: readonly PlacedLines[];
  /** Of each phase that gets a line: the statements that it must cover, 0-based. */
  readonly covers: ReadonlyMap<Phase, readonly number[]>;
}

/** Which statement each phase covers. */
interface Found {
  readonly expand: number | null;
  /** One after the other. */
  readonly rows: readonly number[];
  readonly contract: number | null;
}

const ORDER: readonly Phase[] = ['expand', 'backfill', 'verify', 'contract'];
const ONLINE = '-- @online';

/**
 * Where the lines of an operation go in a migration that has none of them. Pure.
 *
 * | line | stands |
 * | --- | --- |
 * | expand | above the statement that it covers, else before whatever comes first |
 * | backfill | above statements that write the table's rows behind expand, else below expand |
 * | verify | below those |
 * | contract | above the statement that it covers; in a migration without one there is none |
 * | `-- @online` | above a statement that would be covered by a line that cannot cover it |
 *
 * @param earlier phases that earlier migrations call
 * @throws {MigratorError} `OPERATION_MISMATCH` when no statement belongs to the operation, `OPERATION_REFUSED` when contract would come before
 * the release in which both forms live side by side
 */
export function operationLines(
  operation: Operation,
  statements: readonly ClassifiedStatement[],
  earlier: ReadonlySet<Phase>,
  dialect: Dialect,
  place: ErrorPlace,
): OperationLines {
  const found = find(operation, statements, dialect);
  const phases = phasesHere(operation, found, statements.length, earlier, place);
  const starts = startsOf(phases, found, statements.length);
  const placed: PlacedLines[] = [];
  let current: Phase | null = null;
  for (let index = 0; index <= statements.length; index += 1) {
    const here = ORDER.filter((phase) => phases.has(phase) && starts[phase] === index);
    const lines = here.map((phase) => `-- @operation ${operation.name} ${phase}`);
    current = here.at(-1) ?? current;
    if (lines.length > 0) {
      // A line that covers nothing belongs to the statement before it.
      const covers = current !== null && covered(found, current).includes(index);
      placed.push({ above: index, keepTo: covers || index === 0 ? 'next' : 'before', lines });
    }
    if (current !== null && index < statements.length && !covered(found, current).includes(index)) {
      placed.push({ above: index, keepTo: 'next', lines: [ONLINE] });
      current = null;
    }
  }
  const covers = new Map([...phases].map((phase) => [phase, covered(found, phase)]));
  return { placed, covers };
}

function covered({ expand, rows, contract }: Found, phase: Phase): readonly number[] {
  switch (phase) {
    case 'expand':
      return expand === null ? [] : [expand];
    case 'backfill':
      return rows;
    case 'verify':
      return [];
    case 'contract':
      return contract === null ? [] : [contract];
  }
}

function find(
  operation: Operation,
  statements: readonly ClassifiedStatement[],
  dialect: Dialect,
): Found {
  const one = (phase: Phase): number | null => {
    const index = statements.findIndex((statement) =>
      belongs(operation, phase, statement, dialect),
    );
    return index === -1 ? null : index;
  };
  const expand = one('expand');
  const contract = one('contract');
  const first = statements.findIndex(
    (statement, index) => index > (expand ?? -1) && writesRows(statement, operation),
  );
  const rows: number[] = [];
  for (let index = first; index !== -1 && index < (contract ?? statements.length); index += 1) {
    const statement = statements[index];
    if (statement === undefined || !writesRows(statement, operation)) break;
    rows.push(index);
  }
  return { expand, rows, contract };
}

function belongs(
  operation: Operation,
  phase: Phase,
  statement: ClassifiedStatement,
  dialect: Dialect,
): boolean {
  try {
    return coveredBy(operation, phase, [statement], dialect).some(
      ({ effects }) => effects.length > 0,
    );
  } catch (error) {
    if (isMigratorError(error) && error.code === 'OPERATION_MISMATCH') return false;
    throw error;
  }
}

function writesRows({ head, is }: ClassifiedStatement, { table }: Operation): boolean {
  return (
    is.category === 'dml' &&
    head.startsWith('UPDATE') &&
    is.locks.some(({ object }) => object.kind === 'table' && object.name === table.name)
  );
}

/** Two forms of one column have to live side by side for a release; a rule may come to force in one migration. */
function phasesHere(
  operation: Operation,
  { expand, rows, contract }: Found,
  statements: number,
  earlier: ReadonlySet<Phase>,
  place: ErrorPlace,
): ReadonlySet<Phase> {
  const all = ORDER.filter((phase) => phasesOf(operation).has(phase));
  if (expand === null && contract === null && rows.length === 0 && statements > 0)
    throw nothingBelongs(operation, place);
  if (contract === null)
    return new Set(all.filter((phase) => phase !== 'contract' && !earlier.has(phase)));
  const twoForms = operation.kind === 'rename-column' || operation.kind === 'change-column-type';
  if (twoForms && (expand !== null || !earlier.has('expand')))
    throw expandFirst(operation, expand !== null, place);
  return new Set(all.filter((phase) => phase === 'contract' || !earlier.has(phase)));
}

function startsOf(
  phases: ReadonlySet<Phase>,
  { expand, rows, contract }: Found,
  end: number,
): Readonly<Record<Phase, number>> {
  const [firstRows] = rows;
  const lastRows = rows.at(-1);
  const whole = contract ?? end;
  // Where nothing is covered by expand, it stands with what follows it.
  const afterExpand = expand === null || !phases.has('expand') ? null : expand + 1;
  const backfill = firstRows ?? afterExpand ?? whole;
  return {
    expand: expand ?? backfill,
    backfill,
    verify: lastRows === undefined ? backfill : lastRows + 1,
    contract: whole,
  };
}

function nothingBelongs({ name, table }: Operation, place: ErrorPlace): MigratorError {
  return new MigratorError('OPERATION_MISMATCH', {
    message: `No statement of this migration is one that operation ${name} on ${table.name} covers.`,
    place,
    state: 'Nothing was written.',
    remedy:
      'Name the migration that has the statement, or one without any: npx drizzle-kit generate --custom.',
    details: { operation: name },
  });
}

function expandFirst({ name }: Operation, both: boolean, place: ErrorPlace): MigratorError {
  return new MigratorError('OPERATION_REFUSED', {
    message: both
      ? `This migration adds the new form of operation ${name} and takes the old one away: builds that are running would lose it at once.`
      : `This migration takes the old form of operation ${name} away, and no earlier one calls its expand.`,
    place,
    state: 'Nothing was written.',
    remedy: both
      ? `Leave both columns in schema.ts for one release, or draft two migrations of it: nest-migrate split ${place.migration ?? '<tag>'}.`
      : `Put expand into a migration of an earlier release: npx drizzle-kit generate --custom, then nest-migrate operation add ${name} --to <its tag>.`,
    details: { operation: name },
  });
}
