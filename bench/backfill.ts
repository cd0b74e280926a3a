import type { WrittenJournal } from '../test/journals/write-journal.js';
import type { DatabaseServer } from '../test/servers/index.js';
import { backfillTable, type BackfillTable, renameJournal } from './backfill-table.js';
import { type Send, withClient } from './client.js';
import { type Measured, median } from './measure.js';
import { type BenchServer, withServer } from './servers.js';

const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
const RUNS = 3;
/** Rows of a batch in the loops that people write by hand. */
const BATCH = 5000;

/** A way to fill the new column. @returns milliseconds */
type Filler = (url: string) => Promise<number>;

/** A rename's backfill of a million rows, with its triggers in place, against what people write by hand under the same triggers. */
export async function backfill(): Promise<readonly Measured[]> {
  const postgres = await on('Postgres 18', {
    'one UPDATE': timed((url) =>
      withClient(url, (send) => send(`update t set full_name = name where ${PENDING.postgresql}`)),
    ),
    'SKIP LOCKED': timed((url) => withClient(url, skipLocked)),
  });
  const loops: Readonly<Record<string, Filler>> = {
    'a loop': timed((url) => sideBySide(url, 1)),
    '2 loops': timed((url) => sideBySide(url, 2)),
    '4 loops': timed((url) => sideBySide(url, 4)),
  };
  const mysql = await on('MySQL 9.7', loops);
  const mariadb = await on('MariaDB 10.11', loops);
  return [
    against(postgres, 'Postgres 18', 'one UPDATE', 1 / 0.95),
    against(postgres, 'Postgres 18', 'SKIP LOCKED', 1 / 5),
    against(mysql, 'MySQL 9.7', bestOf(mysql), 1 / 0.95),
    against(mariadb, 'MariaDB 10.11', bestOf(mariadb), 1 / 0.95),
  ];
}

const PENDING = {
  postgresql: 'full_name is distinct from name',
  mysql: 'not (cast(full_name as binary) <=> cast(name as binary))',
} as const;

interface Medians {
  readonly ours: number;
  readonly ranges: readonly (number | null)[];
  readonly peers: ReadonlyMap<string, number>;
}

async function on(name: BenchServer, peers: Readonly<Record<string, Filler>>): Promise<Medians> {
  return withServer(name, async (server) => {
    const journal = await renameJournal(name, ROWS);
    const ours: number[] = [];
    const ranges: (number | null)[] = [];
    const others = new Map(Object.keys(peers).map((peer) => [peer, [] as number[]]));
    try {
      for (let run = 0; run < RUNS; run++) {
        for (const [peer, fill] of Object.entries(peers)) {
          const ms = await inTable(server, journal, ({ database }) => fill(database.url));
          others.get(peer)?.push(ms);
        }
        const { ms, tuned } = await inTable(server, journal, (table) => table.fillByOurs());
        ours.push(ms);
        ranges.push(tuned ?? null);
      }
    } finally {
      await journal.remove();
    }
    return {
      ours: median(ours),
      ranges,
      peers: new Map([...others].map(([peer, times]) => [peer, median(times)])),
    };
  });
}

async function inTable<T>(
  server: DatabaseServer,
  journal: WrittenJournal,
  work: (table: BackfillTable) => Promise<T>,
): Promise<T> {
  const table = await backfillTable(server, journal);
  try {
    const result = await work(table);
    const pending = PENDING[server.dialect];
    const [left] = await table.database.query<{ n: string | number }>(
      `select count(*) as n from t where ${pending}`,
    );
    if (Number(left?.n) !== 0) throw new Error(`${left?.n} rows are left`);
    return result;
  } finally {
    await table.drop();
  }
}

function timed(fill: (url: string) => Promise<unknown>): Filler {
  return async (url) => {
    const began = performance.now();
    await fill(url);
    return performance.now() - began;
  };
}

/** The pattern of many articles: whatever is NULL and not locked, a batch at a time. */
async function skipLocked(send: Send): Promise<void> {
  const batch = `with batch as (select id from t where full_name is null limit ${BATCH} for update skip locked)
    update t set full_name = t.name from batch where t.id = batch.id`;
  while ((await send(batch)) > 0);
}

/** A loop over the key as one writes it for a table whose keys are dense; some of them side by side. */
async function sideBySide(url: string, lanes: number): Promise<void> {
  const share = Math.ceil(ROWS / lanes);
  const lane = (number: number) => async (send: Send) => {
    const end = Math.min(ROWS, (number + 1) * share);
    for (let from = number * share; from < end; from += BATCH) {
      await send(
        `update t set full_name = name where id > ${from} and id <= ${Math.min(end, from + BATCH)} and ${PENDING.mysql}`,
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => withClient(url, lane(number))));
}

function bestOf({ peers }: Medians): string {
  return [...peers].toSorted(([, one], [, other]) => one - other)[0]?.[0] ?? '';
}

function against(
  { ours, ranges, peers }: Medians,
  name: BenchServer,
  peer: string,
  target: number,
): Measured {
  const ms = peers.get(peer) ?? Number.NaN;
  return {
    measure: `backfill of ${ROWS} rows, ${name}, against ${peer}`,
    ours: `${ours.toFixed(0)} ms (${ranges.map((width) => width ?? '-').join(', ')} ranges)`,
    peer: `${ms.toFixed(0)} ms`,
    figure: ours / ms,
    target,
  };
}
