import { createHash } from 'node:crypto';
import type { Operation } from './operation.js';

/** Names of what an operation makes in the database and puts away again. All within 63 bytes. */
export interface ObjectNames {
  /** `mg_<hash>`, what all of them begin with. */
  readonly prefix: string;
  /** Function (Postgres) that keeps two columns in step or repairs a row. */
  readonly sync: string;
  /** Postgres fires triggers of one event by name: ours comes last. */
  readonly trigger: string;
  /** MySQL: before insert. */
  readonly beforeInsert: string;
  /** MySQL: before update. */
  readonly beforeUpdate: string;
  /** CHECK that stands in for NOT NULL until it is promoted. */
  readonly notNull: string;
}

/** What the names of all operations' objects look like. */
const OWN = /^(?:zzz_)?mg_[0-9a-f]{8}_/;

/** The names of an operation's own objects. Stable: a later run knows them again. */
export function objectNames(operation: Pick<Operation, 'name' | 'table'>): ObjectNames {
  const prefix = `mg_${shortHash(`${operation.table.name}\0${operation.name}`)}`;
  return {
    prefix,
    sync: `${prefix}_sync`,
    trigger: `zzz_${prefix}_sync`,
    beforeInsert: `zzz_${prefix}_bi`,
    beforeUpdate: `zzz_${prefix}_bu`,
    notNull: `${prefix}_nn`,
  };
}

/** Whether a name can only be one of ours: of a trigger, a function, an index, a constraint. */
export function isOwnName(name: string): boolean {
  return OWN.test(name);
}

/** The column that holds a column's new type until contract. */
export function newColumnOf(column: string): string {
  return `${column}__new`;
}

/** Eight hexadecimal digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
