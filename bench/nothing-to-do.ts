import { generateJournal } from '../test/journals/generate.js';
import { interleave, type Measured, ratio } from './measure.js';
import { runOnce } from './process.js';
import { type BenchServer, withServer } from './servers.js';

const MIGRATIONS = 300;

/** 300 migrations are applied, and nothing is pending: what every deploy without a migration pays. */
export async function nothingToDo(): Promise<readonly Measured[]> {
  return [...(await on('Postgres 18')), ...(await on('MySQL 9.7'))];
}

async function on(name: BenchServer): Promise<readonly Measured[]> {
  return withServer(name, async (server) => {
    const { dialect } = server;
    const { url } = await server.createDatabase();
    const journal = await generateJournal({ count: MIGRATIONS, dialect });
    try {
      const once =
        (runner: 'ours' | 'stock', what: 'ms' | 'wholeMs') => async (): Promise<number> =>
          (
            await runOnce({
              runner,
              dialect,
              url,
              folder: journal.folder,
              asShipped: what === 'wholeMs',
            })
          )[what];
      await once('ours', 'ms')();
      const call = await interleave(once('ours', 'ms'), once('stock', 'ms'));
      const whole = await interleave(once('ours', 'wholeMs'), once('stock', 'wholeMs'));
      return [
        ratio(`nothing to do, ${name}: the call`, call, 1),
        ratio(`nothing to do, ${name}: the whole process`, whole, 1),
      ];
    } finally {
      await journal.remove();
    }
  });
}
