import { shortHash } from '../object-names.js';
import type { OperationAction } from '../operation-action.js';
import type { IndexFacts, PostgresDefinition, TableFacts } from '../table-facts.js';
import { indexBuild } from './index-build.js';
import { concurrentIndex, replaceColumn } from './replace-names.js';
import { qualified, quoted } from './sql.js';

/** What a column has that the column in its place needs as well. */
export interface Twins {
  readonly indexes: readonly {
    readonly build: OperationAction;
    /** Gives it the name of the original, which is gone by then. */
    readonly promote: string;
  }[];
  readonly checks: readonly {
    readonly name: string;
    readonly sql: string;
    /** Whether the original is validated, and the twin has to be. */
    readonly validated: boolean;
    readonly promote: string;
  }[];
  /** Sequences that would go with the old column. */
  readonly sequences: readonly string[];
}

/** Twins of everything that is over one column, on another one. Their names follow from those of the originals, so that they are known again. */
export function twinsOf(facts: TableFacts, from: string, to: string, prefix: string): Twins {
  const over = ({ columns }: PostgresDefinition): boolean => columns.includes(from);
  const table = qualified(facts.table);
  const indexes = (facts.postgres?.indexes ?? []).filter(over).flatMap((original) => {
    const index = facts.indexes.find(({ name }) => name === original.name);
    if (index === undefined || !index.valid) return [];
    const name = `${prefix}_i${shortHash(original.name)}`;
    const sql = concurrentIndex(replaceColumn(original.definition, from, to, '('), name);
    return [
      {
        build: indexBuild(facts, { id: `build-${original.name}`, name, sql }),
        promote: promoteIndex(facts, index, name),
      },
    ];
  });
  const checks = facts.checks
    .filter(({ columns }) => columns.includes(from))
    .flatMap(({ name: original, validated }) => {
      const found = facts.postgres?.constraints.find((one) => one.name === original);
      if (found === undefined) return [];
      const name = `${prefix}_c${shortHash(original)}`;
      const definition = replaceColumn(found.definition, from, to).replace(/\s+NOT VALID$/, '');
      return [
        {
          name,
          sql: `alter table ${table} add constraint ${quoted(name)} ${definition} not valid`,
          validated,
          promote: `alter table ${table} rename constraint ${quoted(name)} to ${quoted(original)}`,
        },
      ];
    });
  const sequences = (facts.postgres?.sequences ?? [])
    .filter(({ column }) => column === from)
    .map(({ name }) => name);
  return { indexes, checks, sequences };
}

function promoteIndex(facts: TableFacts, original: IndexFacts, twin: string): string {
  if (original.constraint === null)
    return `alter index ${qualified({ schema: facts.table.schema, name: twin })} rename to ${quoted(original.name)}`;
  const kind = original.primary ? 'primary key' : 'unique';
  return `alter table ${qualified(facts.table)} add constraint ${quoted(original.constraint)} ${kind} using index ${quoted(twin)}`;
}
