import type { DriverFacts, ErrorDetail, ErrorPlace, MigratorError } from '../errors.js';
import { formatDuration } from '../wording/duration.js';
import { printable } from './printable.js';

const LABEL_WIDTH = 12;
const SHORTEST_SAID = 3;

/**
 * An error as plain text, for stderr: what happened, where, what the server said, what state that leaves, what to type next.
 * Prints allow-listed fields only; never the `cause`.
 *
 * ```text
 * MIGRATION_FAILED (exit 1)
 *   Statement 2 of 3 of 0004_add_email was refused by the server.
 *   migration   0004_add_email
 *   file        drizzle/0004_add_email.sql:12
 *   statement   2 of 3
 *   server      42701, table users, column email
 *   state       Nothing of this migration was applied.
 *   next        nest-migrate up
 * ```
 */
export function renderErrorBlock(error: MigratorError): readonly string[] {
  return [
    `${error.code} (exit ${error.exitCode})`,
    ...textLines(error.message).map((line) => `  ${line}`),
    ...renderPlace(error.place),
    ...field('server', renderDriver(error.driver)),
    ...field('state', error.state),
    ...renderDetails(error),
    ...field('next', error.remedy),
  ];
}

function renderPlace(place: ErrorPlace): string[] {
  const { migration, file, line, statement, statements, operation, action } = place;
  const of = statements === undefined ? '' : ` of ${statements}`;
  return [
    ...field('migration', migration),
    ...field('file', file === undefined || line === undefined ? file : `${file}:${line}`),
    ...field('statement', statement === undefined ? undefined : `${statement}${of}`),
    ...field('operation', operation),
    ...field('action', action),
  ];
}

function renderDriver(facts: DriverFacts | undefined): string | undefined {
  if (facts === undefined) return undefined;
  const { code, errno, sqlState, schema, table, column, constraint, dataType } = facts;
  const codes = [code, errno, sqlState === code ? undefined : sqlState]
    .filter((part) => part !== undefined)
    .join(' ');
  const objects = Object.entries({ schema, table, column, constraint, type: dataType })
    .filter(([, name]) => name !== undefined)
    .map(([kind, name]) => `${kind} ${name}`);
  const parts = [codes, ...objects].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** What the sentences have not said yet; all of it is in the JSON form. */
function renderDetails({ message, remedy, details }: MigratorError): string[] {
  const said = `${message}\n${remedy}`;
  return Object.entries(details)
    .filter(([name, detail]) => !isSaid(detail, said) && !isSaid(shown(name, detail), said))
    .flatMap(([name, detail]) => renderDetail(name, detail));
}

/** Short words and numbers may stand in a sentence by chance. Lists of objects are for programs; their sentence is the message. */
function isSaid(detail: ErrorDetail, said: string): boolean {
  if (isList(detail)) {
    return detail.every((each) => isRecord(each) || isSaid(each, said));
  }
  const text = renderValue(detail);
  return text.length >= SHORTEST_SAID && said.includes(text);
}

function renderDetail(name: string, detail: ErrorDetail): string[] {
  if (detail === null) return [];
  return field(words(name.replace(/Ms$/, '')), renderValue(shown(name, detail)));
}

/** Milliseconds as a person reads them. */
function shown(name: string, detail: ErrorDetail): ErrorDetail {
  return typeof detail === 'number' && name.endsWith('Ms') ? formatDuration(detail) : detail;
}

function renderValue(detail: ErrorDetail): string {
  if (isList(detail)) return detail.map(renderValue).join(', ');
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

/** `holderHost` as `holder host`. */
function words(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function isList(detail: ErrorDetail): detail is readonly ErrorDetail[] {
  return Array.isArray(detail);
}

function isRecord(detail: ErrorDetail): boolean {
  return typeof detail === 'object' && detail !== null && !isList(detail);
}

/** A labelled value; its further lines stand under the first. */
function field(label: string, text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  return textLines(text).map((line, index) =>
    index === 0 ? `  ${printable(label).padEnd(LABEL_WIDTH - 1)} ${line}` : `${indent}${line}`,
  );
}

/** Our own messages may have several lines; each is made printable on its own. */
function textLines(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
}
