import type { Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import { NOTHING_READ } from '../nothing-read.js';
import type { TableName } from '../operation.js';
import type {
  ColumnFacts,
  DependentFacts,
  ForeignKeyFacts,
  IndexFacts,
  PostgresDefinition,
  TableFacts,
  TriggerFacts,
} from '../table-facts.js';
import { constantDefault } from './constant-default.js';
import { FACTS_QUERY } from './facts-query.js';

/**
 * Everything that recipes ask of a table, in one round trip. Needs no privilege: the catalogue is readable by every login, and what this
 * login may not do stands in `missingPrivileges`. Types, defaults and definitions are written as this session's search path needs them.
 */
export async function readPostgresFacts(session: Session, table: TableName): Promise<TableFacts> {
  const [row] = await session.query<FactsRow>(FACTS_QUERY, [table.schema, table.name]);
  const { flavour, versionNumber } = session.server;
  const server = { dialect: 'postgresql', flavour, versionNumber } as const;
  return row === undefined ? { ...server, ...missing(table) } : { ...server, ...facts(table, row) };
}

type WithoutServer = Omit<TableFacts, 'dialect' | 'flavour' | 'versionNumber'>;

function missing(table: TableName): WithoutServer {
  return {
    table,
    kind: 'missing',
    ...NOTHING_READ,
    postgres: null,
  };
}

function facts({ name }: TableName, row: FactsRow): WithoutServer {
  const columns = row.columns ?? [];
  const constraints = row.constraints ?? [];
  const indexes = row.indexes ?? [];
  return {
    table: { schema: row.schema, name },
    kind: KINDS[row.kind] ?? 'missing',
    // Before the first VACUUM or ANALYZE it is -1.
    estimatedRows: row.rows < 0 ? null : row.rows,
    bytes: row.bytes,
    columns: columns.map(columnFacts),
    indexes: indexes.map(indexFacts),
    checks: constraints
      .filter(({ type }) => type === 'c')
      .map((check) => ({
        name: check.name,
        columns: check.columns ?? [],
        expression: check.expression ?? '',
        validated: check.validated,
      })),
    foreignKeys: (row.keys ?? []).map(foreignKeyFacts),
    triggers: (row.triggers ?? []).map(triggerFacts),
    dependents: row.dependents ?? [],
    functions: row.functions ?? [],
    subscriber: row.subscriber,
    missingPrivileges: missingPrivileges(name, row),
    rowVersions: null,
    engine: null,
    postgres: {
      parent: row.parent,
      heirs: row.heirs ?? [],
      replicaRole: row.replica_role,
      rowsHidden: row.rows_hidden,
      publishedWhole: row.published ?? [],
      indexes: indexes.map(definition),
      constraints: constraints.map(definition),
      grantedColumns: columns.filter(({ granted }) => granted).map((column) => column.name),
      sequences: row.sequences ?? [],
    },
  };
}

/** Source: PostgreSQL manual, pg_class.relkind. */
const KINDS: Readonly<Record<string, TableFacts['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'view',
  f: 'foreign table',
};

function columnFacts(column: ColumnRow): ColumnFacts {
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    default: column.default,
    volatileDefault: column.default !== null && constantDefault(column.default) === null,
    generated: column.generated,
    identity: column.identity,
    collation: column.collation,
    fullCollation: null,
    looseEquality: column.loose,
    comment: column.comment,
    onUpdate: null,
    definition: null,
  };
}

function indexFacts(index: IndexRow): IndexFacts {
  return {
    name: index.name,
    columns: index.keys ?? [],
    unique: index.unique,
    primary: index.primary,
    valid: index.valid,
    partial: index.partial,
    constraint: index.constraint,
  };
}

function definition(of: DefinitionRow): PostgresDefinition {
  return {
    name: of.name,
    columns: of.columns ?? [],
    definition: of.definition,
    deferrable: of.deferrable,
  };
}

/** Source: PostgreSQL manual, pg_constraint.confdeltype. */
const KEY_ACTIONS: Readonly<Record<string, string>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

function foreignKeyFacts(key: KeyRow): ForeignKeyFacts {
  return {
    name: key.name,
    direction: key.direction,
    columns: key.columns ?? [],
    other: { table: { schema: key.schema, name: key.table }, columns: key.others ?? [] },
    onDelete: KEY_ACTIONS[key.delete] ?? key.delete,
    onUpdate: KEY_ACTIONS[key.update] ?? key.update,
    validated: key.validated,
  };
}

/** Bits of pg_trigger.tgtype. Source: src/include/catalog/pg_trigger.h. */
const ROW = 1;
const BEFORE = 2;
const INSTEAD = 64;
const EVENTS = [
  [4, 'insert'],
  [16, 'update'],
  [8, 'delete'],
  [32, 'truncate'],
] as const;

function triggerFacts(trigger: TriggerRow): TriggerFacts {
  const has = (bit: number): boolean => (trigger.type & bit) !== 0;
  return {
    name: trigger.name,
    timing: has(BEFORE) ? 'before' : has(INSTEAD) ? 'instead of' : 'after',
    events: EVENTS.filter(([bit]) => has(bit)).map(([, event]) => event),
    perRow: has(ROW),
    enabled: trigger.enabled,
    function: trigger.function,
    bodyDigest: trigger.digest,
    columns: trigger.columns ?? [],
  };
}

function missingPrivileges(name: string, row: FactsRow): string[] {
  const table = qualify('postgresql', row.schema, name);
  const schema = qualify('postgresql', null, row.schema);
  return [
    ...(row.owner ? [] : [`OWNERSHIP OF TABLE ${table}`]),
    ...(row.may_create ? [] : [`CREATE ON SCHEMA ${schema}`]),
    ...(row.may_select ? [] : [`SELECT ON TABLE ${table}`]),
    ...(row.may_update ? [] : [`UPDATE ON TABLE ${table}`]),
  ];
}

interface DefinitionRow {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly definition: string;
  readonly deferrable: boolean;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly generated: 'stored' | 'virtual' | null;
  readonly identity: boolean;
  readonly collation: string | null;
  readonly loose: boolean;
  readonly comment: string | null;
  readonly granted: boolean;
}

interface IndexRow extends DefinitionRow {
  readonly keys: readonly (string | null)[] | null;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  readonly partial: boolean;
  readonly constraint: string | null;
}

interface ConstraintRow extends DefinitionRow {
  readonly type: string;
  readonly validated: boolean;
  readonly expression: string | null;
}

interface KeyRow {
  readonly name: string;
  readonly direction: 'out' | 'in';
  readonly columns: readonly string[] | null;
  readonly schema: string;
  readonly table: string;
  readonly others: readonly string[] | null;
  readonly delete: string;
  readonly update: string;
  readonly validated: boolean;
}

interface TriggerRow {
  readonly name: string;
  readonly type: number;
  readonly enabled: boolean;
  readonly function: string;
  readonly digest: string;
  readonly columns: readonly string[] | null;
}

interface FactsRow {
  readonly schema: string;
  readonly kind: string;
  readonly rows: number;
  readonly bytes: number | null;
  readonly columns: readonly ColumnRow[] | null;
  readonly indexes: readonly IndexRow[] | null;
  readonly constraints: readonly ConstraintRow[] | null;
  readonly keys: readonly KeyRow[] | null;
  readonly triggers: readonly TriggerRow[] | null;
  readonly dependents: readonly DependentFacts[] | null;
  readonly functions: readonly string[] | null;
  readonly subscriber: boolean;
  readonly published: readonly string[] | null;
  readonly parent: string | null;
  readonly heirs: readonly string[] | null;
  readonly sequences: readonly { readonly column: string; readonly name: string }[] | null;
  readonly replica_role: boolean;
  readonly rows_hidden: boolean;
  readonly owner: boolean;
  readonly may_create: boolean;
  readonly may_select: boolean;
  readonly may_update: boolean;
}
