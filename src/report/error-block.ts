import type { DriverFacts, ErrorDetail, ErrorPlace, MigratorError } from '../errors.js';
import { printable } from './printable.js';

const LABEL_WIDTH = 12;

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
    ...Object.entries(error.details).flatMap(([name, detail]) => field(name, renderDetail(detail))),
    ...field('next', error.remedy),
  ];
}

function renderPlace(place: ErrorPlace): string[] {
  const { migration, file, line, statement, statements } = place;
  const of = statements === undefined ? '' : ` of ${statements}`;
  return [
    ...field('migration', migration),
    ...field('file', file === undefined || line === undefined ? file : `${file}:${line}`),
    ...field('statement', statement === undefined ? undefined : `${statement}${of}`),
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

function renderDetail(detail: ErrorDetail): string | undefined {
  if (detail === null) return undefined;
  if (typeof detail === 'object') return JSON.stringify(detail);
  return String(detail);
}

/** A labelled value; its further lines stand under the first. */
function field(label: string, text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  return textLines(text).map((line, index) =>
    index === 0 ? `  ${printable(label).padEnd(LABEL_WIDTH)}${line}` : `${indent}${line}`,
  );
}

/** Our own messages may have several lines; each is made printable on its own. */
function textLines(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
}
