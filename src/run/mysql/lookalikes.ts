import { StatementError, type Session } from '../../database/database.js';
import { qualify } from '../../database/identifiers.js';
import type { ObjectName } from '../../statements/statement.js';

/** ER_NO_SUCH_TABLE. */
const NO_SUCH_TABLE = 1146;

/**
 * Whether a RENAME passes names in a ring among tables that look alike, such as `a TO t, b TO a, t TO b`: then every name has
 * the same definition before and after, and a digest of definitions cannot tell whether it took effect.
 */
export async function swapsLookalikes(
  session: Session,
  touches: readonly ObjectName[],
): Promise<boolean> {
  const names = new Map<string, ObjectName>();
  for (const object of touches) {
    if (object.kind !== 'table') return false;
    names.set(JSON.stringify([object.schema ?? session.server.database, object.name]), object);
  }
  // Only a name that is both given up and given again comes up twice.
  if (names.size === touches.length) return false;
  const seen = new Set<string>();
  for (const object of names.values()) {
    const shape = await shapeOf(session, object);
    if (shape === null) continue;
    if (seen.has(shape)) return true;
    seen.add(shape);
  }
  return false;
}

/** A table's definition without its own name and without the counter that inserts move; null = there is none. */
async function shapeOf(session: Session, { schema, name }: ObjectName): Promise<string | null> {
  try {
    const [row] = await session.query(
      `SHOW CREATE TABLE ${qualify('mysql', schema ?? session.server.database, name)}`,
    );
    const definition = row?.['Create Table'];
    if (typeof definition !== 'string') return null;
    return definition
      .replace(/^CREATE (?:TEMPORARY )?TABLE (?:`(?:[^`]|``)*`|"(?:[^"]|"")*")/, '')
      .replace(/ AUTO_INCREMENT=\d+/, '');
  } catch (error) {
    if (error instanceof StatementError && error.facts.errno === NO_SUCH_TABLE) return null;
    throw error;
  }
}
