import { sql, type Column, type GetColumnData, type SQL } from 'drizzle-orm';

/**
 * Reads the new column of a rename, and the old one where a row has not been filled in yet: for readers in the window between expand and
 * `verified`. Keeps the new column's type and decoding.
 *
 * @example
 * db.select({ fullName: coalesceRead(users.fullName, users.name) }).from(users)
 */
export function coalesceRead<New extends Column>(
  newColumn: New,
  oldColumn: Column,
): SQL<GetColumnData<New, 'query'>> {
  return sql<GetColumnData<New, 'query'>>`coalesce(${newColumn}, ${oldColumn})`.mapWith(newColumn);
}
