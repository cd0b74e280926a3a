import { type BackfillTable, backfillTable, renameJournal } from './backfill-table.js';
import { withClient } from './client.js';
import { median, type Measured } from './measure.js';
import { withServer } from './servers.js';

const ROWS = 200_000;
const RUNS = 3;

/** What the triggers of a rename cost whoever writes: an UPDATE of every row, with them and without. */
export async function triggers(): Promise<readonly Measured[]> {
  const lines: Measured[] = [];
  for (const name of ['Postgres 18', 'MySQL 9.7', 'MariaDB 10.11'] as const) {
    lines.push(
      await withServer(name, async (server) => {
        const journal = await renameJournal(name, ROWS);
        const times = { with: [] as number[], without: [] as number[] };
        try {
          for (let run = 0; run < RUNS; run++) {
            for (const kind of ['without', 'with'] as const) {
              const upTo = kind === 'with' ? '0001_expand' : '0000_init';
              const table = await backfillTable(server, journal, upTo);
              times[kind].push(await updateAll(table));
              await table.drop();
            }
          }
        } finally {
          await journal.remove();
        }
        const [ours, peer] = [median(times.with), median(times.without)];
        return {
          measure: `an UPDATE of ${ROWS} rows under the triggers of a rename, ${name}`,
          ours: `${ours.toFixed(0)} ms (${(((ours - peer) * 1000) / ROWS).toFixed(1)} us a row)`,
          peer: `${peer.toFixed(0)} ms without`,
          figure: ours / peer,
          target: null,
        };
      }),
    );
  }
  return lines;
}

async function updateAll({ database }: BackfillTable): Promise<number> {
  const began = performance.now();
  await withClient(database.url, (send) => send("update t set name = concat(name, '!')"));
  return performance.now() - began;
}
