import { Cursor } from '../../statements/cursor.js';
import { textOf } from '../../statements/table-changes/spans.js';
import { objectNames } from '../object-names.js';
import type { Blocker, CoveredStatement, Recipe, ViolationQueries } from '../operation-action.js';
import type { Rule, TightenConstraint } from '../operation.js';
import { keyOf } from '../table-key.js';
import type { TableFacts } from '../table-facts.js';
import { columnMissing, error, tableBlockers } from './blockers.js';
import { findCovered } from './find-covered.js';
import { indexBuild } from './index-build.js';
import { concurrentIndex } from './replace-names.js';
import { locks, qualified, quoted } from './sql.js';

type Unique = Extract<Rule, { kind: 'unique' }>;

/** Duplicates are counted; the index is built beside the writers and then becomes the constraint, without a scan. */
export function tightenUniqueRecipe(
  operation: TightenConstraint,
  rule: Unique,
  facts: TableFacts,
  covered: readonly CoveredStatement[],
): Recipe {
  const { prefix } = objectNames(operation);
  const built = `${prefix}_uq`;
  const index = covered.find(({ effects }) => effects.some(({ kind }) => kind === 'index'));
  const added = findCovered(covered, 'add constraint');
  const parts = uniqueParts(
    added === null ? null : textOf(added.sql, added.change.definition),
    rule,
  );
  const table = qualified(facts.table);
  const isPromoted = (now: TableFacts): boolean =>
    now.indexes.some(({ name, unique, valid }) => name === rule.constraint && unique && valid);
  const contract =
    index === undefined
      ? [
          indexBuild(
            facts,
            {
              id: 'build-index',
              name: built,
              sql: `create unique index concurrently ${quoted(built)} on ${table} ${parts?.index ?? ''}`,
            },
            isPromoted,
          ),
          {
            id: 'add-constraint',
            mode: 'transaction',
            statements: [
              `alter table ${table} add constraint ${quoted(rule.constraint)} unique using index ${quoted(built)}${parts?.tail ?? ''}`,
            ],
            locks: locks(facts, 'ACCESS EXCLUSIVE'),
            isDone: isPromoted,
          } as const,
        ]
      : [
          indexBuild(facts, {
            id: 'build-index',
            name: rule.constraint,
            sql: concurrentIndex(index.sql),
          }),
        ];
  return {
    blockers: blockers(rule, facts, parts === null),
    expand: [],
    rows: null,
    violations: duplicates(rule, facts),
    verify: [],
    contract,
    undo: [
      {
        id: 'drop-index',
        mode: 'autocommit',
        waitsForOthers: true,
        statements: [
          `drop index concurrently if exists ${qualified({ schema: facts.table.schema, name: built })}`,
        ],
        locks: locks(facts, 'SHARE UPDATE EXCLUSIVE'),
        isDone: (now) => !now.indexes.some(({ name }) => name === built),
      },
    ],
  };
}

/** What of `UNIQUE [NULLS NOT DISTINCT] (...) [INCLUDE (...)] [DEFERRABLE ...]` belongs to the index, and what to the constraint; null = something else. */
function uniqueParts(
  definition: string | null,
  rule: Unique,
): { readonly index: string; readonly tail: string } | null {
  if (definition === null) return { index: `(${rule.columns.map(quoted).join(', ')})`, tail: '' };
  const cursor = new Cursor(definition, 'postgresql');
  cursor.take('UNIQUE');
  const nulls = cursor.take('NULLS', 'NOT', 'DISTINCT');
  if (!nulls) cursor.take('NULLS', 'DISTINCT');
  const start = cursor.peek()?.start ?? 0;
  if (!cursor.skipParentheses()) return null;
  if (cursor.take('INCLUDE')) cursor.skipParentheses();
  const end = cursor.peek()?.start ?? definition.length;
  const tail = definition.slice(end).trim();
  if (!/^(?:(?:not )?deferrable)?\s*(?:initially (?:deferred|immediate))?$/i.test(tail))
    return null;
  const columns = definition.slice(start, end).trim();
  return {
    index: `${columns}${nulls ? ' nulls not distinct' : ''}`,
    tail: tail === '' ? '' : ` ${tail}`,
  };
}

function duplicates(rule: Unique, facts: TableFacts): ViolationQueries {
  const table = qualified(facts.table);
  const columns = rule.columns.map(quoted).join(', ');
  const present = rule.columns.map((column) => `${quoted(column)} is not null`).join(' and ');
  const groups = `select ${columns} from ${table} where ${present} group by ${columns} having count(*) > 1`;
  const key =
    keyOf(facts)
      ?.map(({ column }) => quoted(column))
      .join(', ') ?? null;
  return {
    count: `select count(*)::text as count from (${groups}) as duplicates`,
    sample:
      key === null
        ? null
        : `select ${key} from ${table} where (${columns}) in (${groups}) order by ${columns}, ${key} limit 20`,
  };
}

function blockers(rule: Unique, facts: TableFacts, unreadable: boolean): Blocker[] {
  const found = tableBlockers(facts, { ddl: true });
  if (facts.kind === 'missing') return found;
  for (const column of rule.columns) found.push(...columnMissing(facts, column));
  if (facts.kind === 'partitioned')
    found.push(
      error(
        'partitioned',
        'An index of a partitioned table cannot be built beside the writers.',
        'Build it on each partition, then attach them to one of the table (ON ONLY).',
      ),
    );
  if (unreadable)
    found.push(
      error(
        'unique-form',
        'The covered UNIQUE has clauses that cannot be carried over to an index.',
        'Leave away storage parameters and tablespaces.',
      ),
    );
  return found;
}
