import type { Session } from '../../database/database.js';
import { isOn } from '../../database/mysql/server-info.js';
import type { Place } from './place.js';

/** What operations do to a table, as GRANT names it. */
const NEEDED = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'ALTER',
  'TRIGGER',
  'LOCK TABLES',
  'REFERENCES',
] as const;

const ALL = 'ALL PRIVILEGES';

/** How the right to create triggers is named where the binary log is on and does not trust their creators. */
export const TRUSTED_CREATOR = 'SUPER (or log_bin_trust_function_creators = 1)';

/** Rights that this login lacks for operations on the table: directly granted, or by the roles that are active. */
export async function readMissingPrivileges(session: Session, place: Place): Promise<string[]> {
  const grants = await readGrants(session);
  const held = grants.flatMap((grant) => privilegesIn(grant, place));
  const has = (privilege: string): boolean => held.includes(ALL) || held.includes(privilege);
  const missing = NEEDED.filter((privilege) => !has(privilege));
  return (await mayCreateTriggers(session, has)) ? missing : [...missing, TRUSTED_CREATOR];
}

async function readGrants(session: Session): Promise<string[]> {
  const [active] = await session.query<{ roles: string | null }>('SELECT current_role() AS roles');
  const roles = active?.roles ?? 'NONE';
  // MariaDB prints the grants of the active role as well; MySQL does so when it is asked to. The list is as the server quotes it.
  const using =
    session.server.flavour === 'mysql' && roles !== 'NONE'
      ? ` FOR CURRENT_USER() USING ${roles}`
      : '';
  const rows = await session.query<Record<string, string>>(`SHOW GRANTS${using}`);
  return rows.map((row) => Object.values(row)[0] ?? '');
}

/** `GRANT a, b (column) ON database.table TO ...`; grants of roles have no ON. */
function privilegesIn(grant: string, { schema, name }: Place): string[] {
  const found =
    /^GRANT (.+?) ON (?:TABLE )?(\*|`(?:[^`]|``)*`|"(?:[^"]|"")*")\.(\*|`(?:[^`]|``)*`|"(?:[^"]|"")*") TO /su.exec(
      grant,
    );
  if (found === null) return [];
  const [, privileges = '', database = '', table = ''] = found;
  if (database !== '*' && !matchesPattern(unquote(database), schema, table === '*')) return [];
  if (table !== '*' && unquote(table) !== name) return [];
  // A right on some columns is not the right on the table.
  const named = privileges.split(/,\s*(?![^(]*\))/).filter((privilege) => !privilege.includes('('));
  // ALL on a database or table holds no right that is the server's.
  return database !== '*' && named.includes(ALL) ? [...NEEDED] : named;
}

function unquote(name: string): string {
  const quote = name[0] ?? '';
  return name.slice(1, -1).replaceAll(quote + quote, quote);
}

/** In grants on whole databases `%` and `_` are wildcards unless escaped. Source: MySQL manual, GRANT Statement. */
function matchesPattern(pattern: string, schema: string, isPattern: boolean): boolean {
  if (!isPattern) return pattern === schema;
  const expression = pattern.replace(
    /\\([%_\\])|[%_]|[$()*+.?[\\\]^{|}]/g,
    (found, escaped?: string) => {
      if (escaped !== undefined) return escaped === '\\' ? String.raw`\\` : escaped;
      if (found === '%') return '.*';
      return found === '_' ? '.' : String.raw`\$&`.replace('$&', found);
    },
  );
  return new RegExp(`^${expression}$`, 'su').test(schema);
}

/** With a binary log, only trusted logins create triggers: error 1419. BINLOG ADMIN is no such trust (measured on MariaDB 10.11). Source: MySQL manual, Stored Program Binary Logging. */
async function mayCreateTriggers(
  session: Session,
  has: (privilege: string) => boolean,
): Promise<boolean> {
  const [row] = await session.query<{ log_bin: string; trusted: string }>(
    'SELECT CAST(@@GLOBAL.log_bin AS CHAR) AS log_bin, CAST(@@GLOBAL.log_bin_trust_function_creators AS CHAR) AS trusted',
  );
  return !isOn(row?.log_bin) || isOn(row?.trusted) || has('SUPER');
}
