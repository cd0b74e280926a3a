import type { Cursor } from '../cursor.js';
import type { ObjectName } from '../statement.js';

/** Words of a kind of object behind CREATE, ALTER and DROP; two words before one. */
const KINDS: readonly (readonly [words: string, kind: ObjectName['kind']])[] = [
  ['FOREIGN DATA WRAPPER', 'other'],
  ['TEXT SEARCH', 'other'],
  ['EVENT TRIGGER', 'other'],
  ['CONSTRAINT TRIGGER', 'trigger'],
  ['MATERIALIZED VIEW', 'materialized view'],
  ['FOREIGN TABLE', 'table'],
  ['USER MAPPING', 'other'],
  ['OPERATOR CLASS', 'other'],
  ['OPERATOR FAMILY', 'other'],
  ['ACCESS METHOD', 'other'],
  ['DEFAULT PRIVILEGES', 'other'],
  ['LARGE OBJECT', 'other'],
  ['RECURSIVE VIEW', 'view'],
  ['TABLE', 'table'],
  ['VIEW', 'view'],
  ['INDEX', 'index'],
  ['TYPE', 'type'],
  ['DOMAIN', 'domain'],
  ['SCHEMA', 'schema'],
  ['SEQUENCE', 'sequence'],
  ['FUNCTION', 'function'],
  ['AGGREGATE', 'function'],
  ['ROUTINE', 'function'],
  ['PROCEDURE', 'procedure'],
  ['TRIGGER', 'trigger'],
  ['POLICY', 'policy'],
  ['RULE', 'rule'],
  ['EXTENSION', 'extension'],
  ['DATABASE', 'database'],
  ['ROLE', 'role'],
  ['USER', 'role'],
  ['GROUP', 'role'],
  ['PUBLICATION', 'publication'],
  ['SUBSCRIPTION', 'other'],
  ['TABLESPACE', 'other'],
  ['STATISTICS', 'other'],
  ['SERVER', 'other'],
  ['SYSTEM', 'other'],
  ['CAST', 'other'],
  ['COLLATION', 'other'],
  ['CONVERSION', 'other'],
  ['LANGUAGE', 'other'],
  ['OPERATOR', 'other'],
  ['TRANSFORM', 'other'],
];

/** Takes the words of a kind of object, if they are next. */
export function objectKind(cursor: Cursor): { kind: ObjectName['kind']; words: string } | null {
  for (const [words, kind] of KINDS) {
    if (cursor.take(...words.split(' '))) return { kind, words };
  }
  return null;
}
