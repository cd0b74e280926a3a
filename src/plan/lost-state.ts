import type { ParsedMigration } from '../journal/journal.js';
import type { ClassifiedStatement } from '../statements/statement.js';
import type { Step } from './plan.js';
import { statementsOf } from './steps.js';

/**
 * What the rest of a migration needs of the session that began it, and a new session does not have. Pure.
 *
 * | before the resume | after it | |
 * | --- | --- | --- |
 * | CREATE TEMPORARY TABLE t, not dropped | names t | lost |
 * | `@v` set from literals and settings | names `@v` | not lost: such lines are run again |
 * | `@v` set from a query, a function or by the way | names `@v` | lost: the answer may be another one by now |
 * | any | LAST_INSERT_ID() before an INSERT | lost: a new session says 0 |
 *
 * Looked for in the text, so that a name which only looks used counts as used.
 * @returns names for the message
 */
export function lostState(
  migration: ParsedMigration,
  steps: readonly Step[],
  position: number,
): readonly string[] {
  const before = statementsOf(
    migration,
    steps.filter((step) => step.position < position),
  );
  const after = statementsOf(
    migration,
    steps.filter((step) => step.position >= position),
  );
  const used = (pattern: RegExp): boolean => after.some(({ sql }) => pattern.test(sql));
  return [
    ...temporaryTables(before)
      .filter((name) => used(word('(?<![\\w$])', name)))
      .map((name) => `temporary table ${name}`),
    ...variablesOf(before)
      .filter((name) => used(word('(?<!@)@`?', name)))
      .map((name) => `@${name}`),
    ...(asksForLastInsert(after) ? ['LAST_INSERT_ID()'] : []),
  ];
}

function temporaryTables(before: readonly ClassifiedStatement[]): readonly string[] {
  const open = new Set<string>();
  for (const { head, is } of before) {
    for (const { name } of is.touches) {
      if (head.startsWith('DROP')) open.delete(name);
      else if (is.temporary) open.add(name);
    }
  }
  return [...open];
}

/** User variables whose value a repetition of their lines would not give back. */
function variablesOf(before: readonly ClassifiedStatement[]): readonly string[] {
  const lost = new Set<string>();
  for (const { sql, is } of before) {
    const code = sql.replaceAll(/'(?:[^'\\]|\\.|'')*'/gs, "''");
    // What a resume runs again: settings without a query or a call in them.
    const repeated = is.category === 'setting' && !/[(]|\bselect\b/i.test(code);
    const assigned = [
      ...code.matchAll(ASSIGNED),
      ...(is.category === 'setting' ? code.matchAll(SET) : []),
    ];
    for (const [, name = ''] of assigned) {
      if (repeated) lost.delete(name.toLowerCase());
      else lost.add(name.toLowerCase());
    }
  }
  return [...lost];
}

/** `@v :=` and `INTO @v` anywhere. */
const ASSIGNED = /(?<!@)@`?([\w$.]+)`?(?:\s*:=|(?<=\binto\s+@`?[\w$.]+`?))/gi;
/** `@v =` in SET; elsewhere it compares. */
const SET = /(?<!@)@`?([\w$.]+)`?\s*=/g;

function word(before: string, name: string): RegExp {
  return new RegExp(`${before}${name.replaceAll(/[^\w]/g, '\\$&')}(?![\\w$])`, 'i');
}

function asksForLastInsert(after: readonly ClassifiedStatement[]): boolean {
  for (const { sql, head } of after) {
    if (/\blast_insert_id\s*\(\s*\)/i.test(sql)) return true;
    if (/^(?:INSERT|REPLACE)\b/.test(head)) return false;
  }
  return false;
}
