import { setTimeout as pause } from 'node:timers/promises';
import { backfillTable, renameJournal } from './backfill-table.js';
import { withClient } from './client.js';
import type { Measured } from './measure.js';
import { type BenchServer, withServer } from './servers.js';

const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
/** An application in full work, and no more: its own limit is not what is measured. */
const WRITERS = 4;
const PAUSE_MS = 20;
/** Milliseconds of writing before the backfill begins. */
const BEFORE_MS = 10_000;

/** What a backfill does to the writers beside it, and they to it. */
export async function writers(): Promise<readonly Measured[]> {
  const lines: Measured[] = [];
  for (const name of ['Postgres 18', 'MySQL 9.7', 'MariaDB 10.11'] as const)
    lines.push(...(await on(name)));
  return lines;
}

async function on(name: BenchServer): Promise<readonly Measured[]> {
  return withServer(name, async (server) => {
    const journal = await renameJournal(name, ROWS);
    try {
      const idle = await backfillTable(server, journal);
      const { ms: idleMs } = await idle.fillByOurs();
      await idle.drop();

      const table = await backfillTable(server, journal);
      const load = new Load(table.database.url);
      const ended = load.run();
      await Promise.race([ended, pause(BEFORE_MS)]);
      const before = load.take();
      const filled = await Promise.race([ended, table.fillByOurs()]);
      const during = load.take();
      load.stop();
      await ended;
      await table.drop();
      if (filled === undefined) throw new Error('the writers ended before the backfill');
      return [
        {
          measure: `writers' p99 during a backfill, ${name} (${during.length} writes, no error)`,
          ours: `${p99(during).toFixed(1)} ms`,
          peer: `${p99(before).toFixed(1)} ms before`,
          figure: p99(during) / p99(before),
          target: 1.5,
        },
        {
          measure: `backfill beside writers, ${name}`,
          ours: `${filled.ms.toFixed(0)} ms`,
          peer: `${idleMs.toFixed(0)} ms without`,
          figure: filled.ms / idleMs,
          target: 2,
        },
      ];
    } finally {
      await journal.remove();
    }
  });
}

/** Writers of the release before, each with a connection of its own. Any error ends it. */
class Load {
  #latencies: number[] = [];
  #stopped = false;

  constructor(private readonly url: string) {}

  async run(): Promise<undefined> {
    await Promise.all(Array.from({ length: WRITERS }, () => this.#write()));
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Milliseconds of each write since it was last asked. */
  take(): readonly number[] {
    const taken = this.#latencies;
    this.#latencies = [];
    return taken;
  }

  #write(): Promise<void> {
    return withClient(this.url, async (send) => {
      for (let write = 0; !this.#stopped; write++) {
        const id = 1 + Math.floor(Math.random() * ROWS);
        const began = performance.now();
        await send(`update t set name = 'write ${write}' where id = ${id}`);
        this.#latencies.push(performance.now() - began);
        await pause(PAUSE_MS);
      }
    });
  }
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
