import { generateJournal } from '../test/journals/generate.js';
import { type Measured, median } from './measure.js';
import { prepare, type Report, runOnce } from './process.js';
import { withServer } from './servers.js';

const MIGRATIONS = 200;
const RACERS = 50;
const ALONE_RUNS = 3;
const OWNER_EXTRA_MS = 500;
const LAST_AFTER_OWNER_MS = 2_000;

/** 50 loaded processes, released at once on an empty database. One applies; what do the others cost it, and when have they left? */
export async function race(): Promise<readonly Measured[]> {
  return withServer('Postgres 18', async (server) => {
    const journal = await generateJournal({ count: MIGRATIONS });
    const work = async () => ({
      runner: 'ours' as const,
      dialect: 'postgresql' as const,
      url: (await server.createDatabase()).url,
      folder: journal.folder,
    });
    try {
      const alone: number[] = [];
      for (let run = 0; run < ALONE_RUNS; run++) alone.push((await runOnce(await work())).ms);

      const shared = await work();
      const waiting = await Promise.all(Array.from({ length: RACERS }, () => prepare(shared)));
      const reports = await Promise.all(waiting.map((racer) => racer.go()));
      return judge(median(alone), reports);
    } finally {
      await journal.remove();
    }
  });
}

function judge(aloneMs: number, reports: readonly Report[]): readonly Measured[] {
  const owners = reports.filter(({ applied }) => applied !== 0);
  const [owner] = owners;
  if (owner === undefined || owners.length !== 1 || owner.applied !== MIGRATIONS) {
    throw new Error(`${owners.length} processes applied something; it must be one, and everything`);
  }
  const last = Math.max(...reports.map(({ endedAt }) => endedAt));
  return [
    {
      measure: `${RACERS} processes at once: the owner`,
      ours: `${owner.ms.toFixed(0)} ms`,
      peer: `${aloneMs.toFixed(0)} ms alone`,
      figure: owner.ms,
      target: 1.1 * aloneMs + OWNER_EXTRA_MS,
      unit: 'ms',
    },
    {
      measure: `${RACERS} processes at once: the last one after the owner`,
      ours: `${(last - owner.endedAt).toFixed(0)} ms`,
      peer: '',
      figure: last - owner.endedAt,
      target: LAST_AFTER_OWNER_MS,
      unit: 'ms',
    },
  ];
}
