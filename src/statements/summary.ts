import type { Classification, ObjectName, SchemaEffect, Statement } from './statement.js';

/** Longest summary, in characters. */
const MAX_LENGTH = 160;
const MAX_OBJECTS = 3;

const WORDS: Readonly<Record<SchemaEffect['effect'], string>> = {
  adds: 'add',
  removes: 'drop',
  tightens: 'tighten',
  relaxes: 'relax',
  renames: 'rename',
  retypes: 'change type of',
  neutral: 'alter',
};

/**
 * One line about a statement for people, such as `CREATE INDEX CONCURRENTLY orders_created_idx ON orders`.
 * Made of its first keywords and the names of schema objects; never of literals, expressions or anything else from its text.
 */
export function summary(
  statement: Pick<Statement, 'head'>,
  classification: Pick<Classification, 'touches' | 'effects' | 'locks' | 'category'>,
): string {
  const head = statement.head === '' ? 'statement' : statement.head;
  const objects = objectsOf(classification);
  const first = objects[0];
  if (first === undefined) return head;
  // DEFINER and its like stand between the verb and the kind of object.
  const what = head === 'CREATE' || head === 'ALTER' ? `${head} ${first.kind.toUpperCase()}` : head;
  const names =
    first.table !== undefined && first.kind !== 'column' && first.kind !== 'constraint'
      ? `${nameOf({ schema: null, name: first.name })}${first.name === '' ? '' : ' '}ON ${nameOf(first.table)}`
      : list(objects.map(nameOf));
  return shorten(
    [what, names, parts(head, classification)].filter((text) => text !== '').join(' '),
  );
}

/** What the statement is about: what it defines, else what it writes. */
function objectsOf(
  is: Pick<Classification, 'touches' | 'effects' | 'locks' | 'category'>,
): readonly ObjectName[] {
  const index = is.effects.find(({ object }) => object.kind === 'index');
  if (index !== undefined && is.effects.length === 1 && is.category === 'ddl')
    return [index.object];
  if (is.touches.length > 0) return is.touches;
  if (is.effects.length > 0) return is.effects.map(({ object }) => object);
  return is.locks.map(({ object }) => object);
}

/** The parts of a table that ALTER TABLE changes. */
function parts(head: string, is: Pick<Classification, 'effects'>): string {
  if (!head.startsWith('ALTER TABLE')) return '';
  const changes = is.effects
    .filter(({ object }) => object.table !== undefined)
    .map(
      ({ effect, object }) =>
        `${WORDS[effect]} ${object.kind}${object.name === '' ? '' : ' '}${nameOf({ schema: null, name: object.name })}`,
    );
  return changes.length === 0 ? '' : `(${list(changes)})`;
}

function list(items: readonly string[]): string {
  const more = items.length - MAX_OBJECTS;
  return items.slice(0, MAX_OBJECTS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function nameOf(object: { readonly schema: string | null; readonly name: string }): string {
  const name = object.schema === null ? object.name : `${object.schema}.${object.name}`;
  // Names may hold anything, line breaks and terminal escapes included.
  return name.replace(/\p{Cc}/gu, '?');
}

function shorten(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 3)}...`;
}
