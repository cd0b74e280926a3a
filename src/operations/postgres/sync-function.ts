import type { ObjectNames } from '../object-names.js';
import type { RenameColumn } from '../operation.js';
import type { ColumnFacts, TableFacts } from '../table-facts.js';
import { constantDefault } from './constant-default.js';
import { inSync, same, type Pair } from './in-sync.js';
import { digestOf, literal, qualified, quoted } from './sql.js';

/** A row trigger with its function, both ours. */
export interface RowTrigger {
  readonly names: ObjectNames;
  readonly body: string;
  /** `from current` where the body holds expressions of the user's, which mean what they mean to the session that runs the backfill. */
  readonly searchPath: 'pg_catalog' | 'current';
}

/** Creates function and trigger. To be sent in the transaction that needs them: no write may slip in between. */
export function createTrigger(facts: TableFacts, trigger: RowTrigger): readonly string[] {
  const { names, body, searchPath } = trigger;
  const name = qualified({ schema: facts.table.schema, name: names.sync });
  const path =
    searchPath === 'current' ? 'set search_path from current' : 'set search_path = pg_catalog';
  return [
    `create or replace function ${name}() returns trigger language plpgsql ${path} as ${dollarQuoted(body)}`,
    `drop trigger if exists ${quoted(names.trigger)} on ${qualified(facts.table)}`,
    `create trigger ${quoted(names.trigger)} before insert or update on ${qualified(facts.table)} for each row execute function ${name}()`,
  ];
}

/** What comes before the columns go, and what comes after: a function outlives its trigger, not the other way round. */
export function dropTrigger(
  facts: TableFacts,
  names: ObjectNames,
): { trigger: string; function: string } {
  return {
    trigger: `drop trigger if exists ${quoted(names.trigger)} on ${qualified(facts.table)}`,
    function: `drop function if exists ${qualified({ schema: facts.table.schema, name: names.sync })}()`,
  };
}

/** Whether exactly this trigger is there and fires. */
export function isInstalled(facts: TableFacts, { names, body }: RowTrigger): boolean {
  return facts.triggers.some(
    ({ name, enabled, bodyDigest }) =>
      name === names.trigger && enabled && bodyDigest === digestOf(body),
  );
}

/** Whether a trigger or function of this operation is there, in whatever version. */
export function isPresent(facts: TableFacts, names: ObjectNames): boolean {
  return (
    facts.triggers.some(({ name }) => name === names.trigger) ||
    facts.functions.includes(names.sync)
  );
}

/**
 * The body of the function that keeps a pair in step, in both directions, by comparing values and nothing of the session.
 *
 * | event | written | result |
 * | --- | --- | --- |
 * | both | in sync already | nothing |
 * | INSERT | only old | new := up(old) |
 * | INSERT | only new: old is NULL or its default | old := down(new) |
 * | INSERT, UPDATE | both, different | policy |
 * | UPDATE | one of them | the other follows |
 * | UPDATE | neither, out of sync | new := up(old) |
 *
 * @param defaults of the two columns: a value that is its column's constant default counts as not written. A default that is computed
 * cannot be told from what was written, so a new value wins over it.
 */
export function syncBody(
  pair: Pair,
  operation: { readonly name: string; readonly onConflict: RenameColumn['onConflict'] },
  table: string,
  defaults: { readonly old: ColumnFacts | null; readonly new: string | null },
): string {
  const column = (row: string, name: string): string => `${row}.${quoted(name)}`;
  const [oldNow, newNow] = [column('new', pair.old), column('new', pair.new)];
  const [oldWas, newWas] = [column('old', pair.old), column('old', pair.new)];
  const followOld = `${newNow} := ${pair.up(oldNow)};`;
  const followNew = `${oldNow} := ${pair.down === null ? newNow : pair.down(newNow)};`;
  const conflict = conflictOf(operation, followNew, followOld);

  const oldDefault = defaults.old?.default ?? null;
  const oldLiteral = oldDefault === null ? null : constantDefault(oldDefault);
  const newLiteral = defaults.new === null ? null : constantDefault(defaults.new);
  const oldAbsent = unwritten(oldNow, oldLiteral === null ? null : 'old_default', pair.loose.old);
  const newAbsent = unwritten(newNow, newLiteral === null ? null : 'new_default', pair.loose.new);
  const computed = oldDefault !== null && oldLiteral === null;
  const declared = [
    ...(oldLiteral === null
      ? []
      : [`  old_default ${table}.${quoted(pair.old)}%type := ${oldLiteral};`]),
    ...(newLiteral === null
      ? []
      : [`  new_default ${table}.${quoted(pair.new)}%type := ${newLiteral};`]),
  ];
  return `
${declared.length === 0 ? '' : `declare\n${declared.join('\n')}\n`}begin
  if ${inSync(pair, oldNow, newNow)} then return new; end if;
  if tg_op = 'INSERT' then
    if ${newAbsent} then ${followOld}
    ${computed ? `else ${followNew}` : `elsif ${oldAbsent} then ${followNew}\n    else ${conflict}`}
    end if;
  elsif not (${same(oldNow, oldWas, pair.loose.old)}) then
    if not (${same(newNow, newWas, pair.loose.new)}) then ${conflict}
    else ${followOld}
    end if;
  elsif not (${same(newNow, newWas, pair.loose.new)}) then ${followNew}
  else ${followOld}
  end if;
  return new;
end`;
}

function unwritten(value: string, byDefault: string | null, loose: boolean): string {
  return byDefault === null
    ? `${value} is null`
    : `${value} is null or ${same(value, byDefault, loose)}`;
}

function conflictOf(
  { name, onConflict }: { readonly name: string; readonly onConflict: RenameColumn['onConflict'] },
  followNew: string,
  followOld: string,
): string {
  switch (onConflict) {
    case 'error':
      return `raise exception using errcode = 'MG001', message = ${literal(`operation ${name}: both columns written and different`)};`;
    case 'prefer-new':
      return followNew;
    case 'prefer-old':
      return followOld;
  }
}

/** Dollar quotes whose tag the text does not hold. */
function dollarQuoted(text: string): string {
  let tag = '$mg$';
  for (let number = 1; text.includes(tag); number += 1) tag = `$mg${number}$`;
  return `${tag}${text}${tag}`;
}
