import { backfillTable, renameJournal } from './backfill-table.js';
import { median, type Measured } from './measure.js';
import { withServer } from './servers.js';

const FEW = 10_000;
const MANY = Number(process.env['BENCH_ROWS'] ?? 10_000_000);
/** Runs over few rows, of which the median counts. One over many is long enough to reach its peak. */
const RUNS = 3;

/** Peak memory of a runner that goes through a thousand times as many rows. */
export async function backfillMemory(): Promise<readonly Measured[]> {
  return withServer('Postgres 18', async (server) => {
    const peak = async (rows: number): Promise<number> => {
      const journal = await renameJournal('Postgres 18', rows);
      const table = await backfillTable(server, journal);
      try {
        return (await table.fillByOurs()).peakMb ?? Number.NaN;
      } finally {
        await table.drop();
        await journal.remove();
      }
    };
    const few: number[] = [];
    for (let run = 0; run < RUNS; run++) few.push(await peak(FEW));
    const many = await peak(MANY);
    return [
      {
        measure: `peak memory of a backfill of ${MANY} rows, Postgres 18`,
        ours: `${many.toFixed(1)} MB`,
        peer: `${median(few).toFixed(1)} MB for ${FEW} rows`,
        figure: many / median(few),
        target: 1.2,
      },
    ];
  });
}
