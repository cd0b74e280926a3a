import { generateJournal } from '../test/journals/generate.js';
import { interleave, type Measured, ratio } from './measure.js';
import { runOnce } from './process.js';
import { type BenchServer, withServer } from './servers.js';

const MIGRATIONS = 200;

/** 200 migrations on an empty database, each atomic, against all of them in one transaction. */
export async function freshApply(): Promise<readonly Measured[]> {
  return [
    await on('Postgres 18', 1.15),
    await on('MySQL 9.7', 1.8),
    await on('MariaDB 10.11', 1.8),
  ];
}

async function on(name: BenchServer, target: number): Promise<Measured> {
  return withServer(name, async (server) => {
    const { dialect } = server;
    const journal = await generateJournal({ count: MIGRATIONS, dialect });
    try {
      const fresh = (runner: 'ours' | 'stock') => async (): Promise<number> => {
        const database = await server.createDatabase();
        const { ms } = await runOnce({
          runner,
          dialect,
          url: database.url,
          folder: journal.folder,
        });
        await database.drop();
        return ms;
      };
      const medians = await interleave(fresh('ours'), fresh('stock'));
      return ratio(`fresh apply, ${name}`, medians, target);
    } finally {
      await journal.remove();
    }
  });
}
