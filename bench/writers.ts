import { setTimeout as pause } from 'node:timers/promises';
import type { WrittenJournal } from '../test/journals/write-journal.js';
import type { DatabaseServer } from '../test/servers/index.js';
import { backfillTable, renameJournal } from './backfill-table.js';
import { withClient } from './client.js';
import { type Measured, median } from './measure.js';
import { type BenchServer, withServer } from './servers.js';

const ROWS = Number(process.env['BENCH_ROWS'] ?? 1_000_000);
const RUNS = 3;
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
    const runs: Run[] = [];
    try {
      for (let run = 0; run < RUNS; run++) runs.push(await once(server, journal));
    } finally {
      await journal.remove();
    }
    const writes = runs.reduce((total, run) => total + run.writes, 0);
    return [
      line(`writers' p99 during a backfill, ${name} (${writes} writes, no error)`, runs, 1.5, {
        ours: ({ p99DuringMs }) => p99DuringMs,
        peer: ({ p99BeforeMs }) => p99BeforeMs,
        peerIs: 'before',
      }),
      line(`backfill beside writers, ${name}`, runs, 2, {
        ours: ({ besideMs }) => besideMs,
        peer: ({ idleMs }) => idleMs,
        peerIs: 'without',
      }),
    ];
  });
}

/** One backfill without writers and one beside them. */
interface Run {
  readonly writes: number;
  readonly p99BeforeMs: number;
  readonly p99DuringMs: number;
  readonly idleMs: number;
  readonly besideMs: number;
}

async function once(server: DatabaseServer, journal: WrittenJournal): Promise<Run> {
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
  return {
    ...{ writes: during.length, p99BeforeMs: p99(before), p99DuringMs: p99(during) },
    ...{ idleMs, besideMs: filled.ms },
  };
}

/** The median of the runs' own ratios: what the machine does meanwhile falls on both sides of a run. */
function line(
  measure: string,
  runs: readonly Run[],
  target: number,
  sides: {
    readonly ours: (run: Run) => number;
    readonly peer: (run: Run) => number;
    readonly peerIs: string;
  },
): Measured {
  const ratios = runs.map((run) => sides.ours(run) / sides.peer(run));
  const list = (of: (run: Run) => number): string =>
    runs.map((run) => of(run).toFixed(of(run) < 1000 ? 1 : 0)).join(', ');
  return {
    measure,
    ours: `${list(sides.ours)} ms`,
    peer: `${list(sides.peer)} ms ${sides.peerIs}`,
    figure: median(ratios),
    target,
  };
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
