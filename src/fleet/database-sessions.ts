import type { FleetProbe, ProbeContext, Sighting } from './fleet.js';

/** Which sessions {@link databaseSessions} looks for; at least one of the two. */
export interface DatabaseSessionsOptions {
  /**
   * Names by which clients introduce themselves: `application_name` on Postgres, the connection attribute `program_name` on MySQL. `*` stands for anything.
   * @default none
   */
  readonly applicationNames?: readonly string[];
  /** Roles (Postgres) or users without host (MySQL, MariaDB) under which they log in. @default none */
  readonly roles?: readonly string[];
}

interface Row {
  readonly id: string;
  readonly application: string | null;
  readonly role: string | null;
}

/**
 * Sights sessions of builds that do not register: an old release without this package, another service, a cron job. Every session that fits counts as a build
 * that knows no migration, and holds contracts back until it is gone.
 *
 * MySQL tells names of clients in `performance_schema` only, which MariaDB has switched off by default: look for roles there. Roles need the right PROCESS,
 * and are none that the runner itself logs in as.
 *
 * @throws {TypeError} when neither names nor roles are given: it would sight nothing and promise everything
 * @example
 * fleet: { probes: [databaseSessions({ applicationNames: ['legacy-api*'], roles: ['cron'] })] }
 */
export function databaseSessions(options: DatabaseSessionsOptions): FleetProbe {
  const { applicationNames = [], roles = [] } = options;
  if (applicationNames.length === 0 && roles.length === 0)
    throw new TypeError('databaseSessions wants applicationNames or roles');
  return {
    name: 'databaseSessions',
    look: async (context) => {
      const rows = await sessionsOf(context, applicationNames.length > 0);
      const names = applicationNames.map(patternOf);
      return rows
        .filter(
          ({ application, role }) =>
            (application !== null && names.some((name) => name.test(application))) ||
            (role !== null && roles.includes(role)),
        )
        .map(sightingOf);
    },
  };
}

async function sessionsOf(
  { dialect, query }: ProbeContext,
  byName: boolean,
): Promise<readonly Row[]> {
  if (dialect === 'postgresql') {
    return query<Row>(
      `select pid::text as id, application_name as application, usename::text as role from pg_catalog.pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name not like 'nest-migrate%'`,
    );
  }
  if (!byName) return processes(query);
  const [setting] = await query<{ readonly on: number | string }>(
    'select @@global.performance_schema as `on`',
  );
  if (Number(setting?.on ?? 0) !== 1) throw new Error('performance_schema is off');
  return query<Row>(
    `select cast(t.processlist_id as char) as id, a.attr_value as application, t.processlist_user as role
       from performance_schema.threads t
       left join performance_schema.session_connect_attrs a
         on a.processlist_id = t.processlist_id and a.attr_name = 'program_name'
      where t.type = 'FOREGROUND' and t.processlist_id is not null and t.processlist_id <> connection_id()
        and coalesce(a.attr_value, '') not like 'nest-migrate%'`,
  );
}

/**
 * By role alone. Sessions of this login are left out: the runner has some of its own, and the list does not tell which.
 *
 * @throws when this login may not see those of others: an empty list would be no answer
 */
async function processes(query: ProbeContext['query']): Promise<readonly Row[]> {
  const grants = await query<Record<string, string>>('show grants');
  const sees = grants.some((grant) =>
    /^GRANT (?:[^`']*\b(?:PROCESS|SUPER)\b|ALL PRIVILEGES\b)[^`']* ON \*\.\*/i.test(
      Object.values(grant)[0] ?? '',
    ),
  );
  if (!sees) throw new Error('the right PROCESS is missing');
  const [own] = await query<{ readonly login: string }>(
    `select substring_index(current_user(), '@', 1) as login`,
  );
  // SHOW, because reading information_schema.processlist fails while any session runs a statement with a character of four bytes (3988).
  const rows = await query<{ readonly Id: number | string; readonly User: string | null }>(
    'show processlist',
  );
  return rows
    .map(({ Id, User }) => ({ id: String(Id), application: null, role: User }))
    .filter(({ role }) => role !== own?.login);
}

/** `*` stands for anything, everything else for itself. */
function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function sightingOf({ id, application, role }: Row): Sighting {
  const named = application === null || application === '' ? '' : ` of ${application}`;
  return { name: `session ${id}${named}, role ${role ?? 'not visible'}` };
}
