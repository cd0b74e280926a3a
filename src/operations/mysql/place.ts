import type { Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';

/** A table with its database said. */
export interface Place {
  readonly schema: string;
  readonly name: string;
}

/** Definition of a table as the server prints it. */
export async function showCreateTable(session: Session, { schema, name }: Place): Promise<string> {
  const [row] = await session.query<{ readonly 'Create Table'?: string }>(
    `SHOW CREATE TABLE ${qualify('mysql', schema, name)}`,
  );
  return row?.['Create Table'] ?? '';
}
