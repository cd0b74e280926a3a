import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateJournal } from '../test/journals/generate.js';
import { interleave, type Measured, ratio } from './measure.js';
import { runOnce, wholeProcess } from './process.js';
import { withServer } from './servers.js';

const MIGRATIONS = 300;

/** Our command line, as it is published. */
export const NEST_MIGRATE = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** `nest-migrate status` against `drizzle-kit migrate` with nothing to do: whole processes, from start to exit. */
export async function cliStatus(): Promise<readonly Measured[]> {
  return withServer('Postgres 18', async (server) => {
    const { url } = await server.createDatabase();
    const journal = await generateJournal({ count: MIGRATIONS });
    const project = await mkdtemp(join(tmpdir(), 'bench-'));
    try {
      await runOnce({ runner: 'ours', dialect: 'postgresql', url, folder: journal.folder });
      const config = join(project, 'drizzle.config.json');
      await writeFile(
        config,
        JSON.stringify({ dialect: 'postgresql', out: journal.folder, dbCredentials: { url } }),
      );
      const kit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs');
      const medians = await interleave(
        () => wholeProcess([NEST_MIGRATE, 'status', '--url', url, '--migrations', journal.folder]),
        () => wholeProcess([kit, 'migrate', '--config', config]),
      );
      return [ratio('nest-migrate status against drizzle-kit migrate', medians, 0.5)];
    } finally {
      await journal.remove();
      await rm(project, { recursive: true, force: true });
    }
  });
}
