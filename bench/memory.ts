import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer } from '../test/servers/index.js';
import { generateJournal } from '../test/journals/generate.js';
import { NEST_MIGRATE } from './cli-status.js';
import { interleave, type Measured, ratio } from './measure.js';
import { BARE_PROGRAM, peakMemory } from './process.js';
import { withServer } from './servers.js';

const MIGRATIONS = 300;

/** Peak memory of `up` while it applies 300 migrations, against a Node process that imports drizzle-orm and pg and does nothing. */
export async function memory(): Promise<readonly Measured[]> {
  return withServer('Postgres 18', async (server) => {
    const journal = await generateJournal({ count: MIGRATIONS });
    const project = await mkdtemp(join(tmpdir(), 'bench-'));
    await writeFile(
      join(project, 'drizzle.config.ts'),
      `import { defineConfig } from 'drizzle-kit';\nexport default defineConfig({ dialect: 'postgresql', out: ${JSON.stringify(journal.folder)}, dbCredentials: { url: process.env.DATABASE_URL! } });\n`,
    );
    const bare = (): Promise<number> => peakMemory([BARE_PROGRAM]);
    try {
      const flags = await interleave(
        () =>
          onFresh(server, (url) =>
            peakMemory([NEST_MIGRATE, 'up', '--url', url, '--migrations', journal.folder]),
          ),
        bare,
      );
      const config = await interleave(
        () =>
          onFresh(server, (url) =>
            peakMemory([NEST_MIGRATE, 'up'], { cwd: project, env: { DATABASE_URL: url } }),
          ),
        bare,
      );
      return [
        ratio('peak memory of up with flags', flags, 1.3, 'MB'),
        ratio('peak memory of up with drizzle.config.ts', config, 2, 'MB'),
      ];
    } finally {
      await journal.remove();
      await rm(project, { recursive: true, force: true });
    }
  });
}

async function onFresh<T>(server: DatabaseServer, work: (url: string) => Promise<T>): Promise<T> {
  const database = await server.createDatabase();
  const result = await work(database.url);
  await database.drop();
  return result;
}
