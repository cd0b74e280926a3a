import type { Dialect, ObjectName } from '../statements/statement.js';
import { partsOfEntities } from './entity-parts.js';
import { recordOf, type Json } from './snapshot-json.js';
import { partsOfTables } from './table-parts.js';

/** One thing of a schema, as a snapshot has it. */
export interface SnapshotPart {
  readonly object: ObjectName;
  /** Everything that is said of it, apart from what is a part of its own: equal texts are equal definitions. */
  readonly definition: string;
  /** Of a foreign key. */
  readonly references?: {
    readonly columns: readonly string[];
    readonly to: { readonly schema: string | null; readonly name: string };
  };
  /** Of an index, a primary key or a unique constraint: the columns that it begins with, up to the first expression. */
  readonly key?: readonly string[];
}

/** Which line of Drizzle Kit wrote a snapshot: 0.x keeps tables in records, 1.x a list of entities. */
export type SnapshotLine = '0.x' | '1.x';

/** A snapshot that Drizzle Kit wrote beside a migration. */
export interface Snapshot {
  readonly line: SnapshotLine;
  readonly id: string;
  /** Ids of the snapshots that it was made from: one, or in 1.x several where branches met. */
  readonly parents: readonly string[];
  readonly parts: readonly SnapshotPart[];
  /** As it was read, for Drizzle Kit. */
  readonly json: Json;
}

/** Parent of the first snapshot. @see drizzle-kit `originUUID`, the same in 0.31 and 1.0 */
export const ORIGIN = '00000000-0000-0000-0000-000000000000';

/** A snapshot's JSON, read; null = it is none of this dialect. Pure. */
export function readSnapshot(text: string, dialect: Dialect): Snapshot | null {
  const json = recordOf(parsed(text));
  const { id, prevId, prevIds, ddl, tables } = json;
  if (typeof id !== 'string' || !isOf(json['dialect'], dialect)) return null;
  if (Array.isArray(ddl) && Array.isArray(prevIds)) {
    const parents = prevIds.filter((each) => typeof each === 'string');
    return { line: '1.x', id, parents, parts: partsOfEntities(ddl, dialect), json };
  }
  if (typeof tables !== 'object' || typeof prevId !== 'string') return null;
  return { line: '0.x', id, parents: [prevId], parts: partsOfTables(json, dialect), json };
}

/**
 * The schema before the first migration, in the form of a snapshot.
 *
 * @see drizzle-kit 0.31 `dryPg`, `dryMySql`; 1.0 `drySnapshot` of both dialects
 */
export function emptySnapshot({ line, json }: Pick<Snapshot, 'line' | 'json'>): Snapshot {
  const common = { version: json['version'], dialect: json['dialect'], id: ORIGIN };
  const empty =
    line === '1.x'
      ? { ...common, prevIds: [], ddl: [], renames: [] }
      : {
          ...common,
          prevId: '',
          tables: {},
          enums: {},
          schemas: {},
          _meta: { schemas: {}, tables: {}, columns: {} },
        };
  return { line, id: ORIGIN, parents: [], parts: [], json: empty };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null; // no snapshot: said by the caller, who knows the file
  }
}

function isOf(written: unknown, dialect: Dialect): boolean {
  return dialect === 'mysql'
    ? written === 'mysql'
    : written === 'postgresql' || written === 'postgres';
}
