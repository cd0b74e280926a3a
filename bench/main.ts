/**
 * `npm run bench`: speed and memory against Drizzle's own tools, side by side in one run on the same servers.
 * `npm run bench -- fresh-apply memory` runs those only. Exits with 1 when a target is missed.
 */
import Table from 'cli-table3';
import { backfill } from './backfill.js';
import { backfillMemory } from './backfill-memory.js';
import { cliStatus } from './cli-status.js';
import { fleet } from './fleet.js';
import { freshApply } from './fresh-apply.js';
import type { Measured } from './measure.js';
import { memory } from './memory.js';
import { nothingToDo } from './nothing-to-do.js';
import { race } from './race.js';
import { triggers } from './triggers.js';
import { writers } from './writers.js';

const MEASURES: Readonly<Record<string, () => Promise<readonly Measured[]>>> = {
  'nothing-to-do': nothingToDo,
  'fresh-apply': freshApply,
  'cli-status': cliStatus,
  race,
  memory,
  backfill,
  'backfill-memory': backfillMemory,
  triggers,
  writers,
  fleet,
};

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in MEASURES));
  if (unknown.length > 0) {
    process.stderr.write(
      `No such measure: ${unknown.join(', ')}. There are: ${Object.keys(MEASURES).join(', ')}\n`,
    );
    return 64;
  }
  // Servers and processes of a bench do not hold the event loop all the time.
  const alive = setInterval(() => {}, 60_000);
  const table = new Table({
    head: ['measure', 'ours', 'peer', 'figure', 'target', 'ok'],
    style: { head: [], border: [] },
  });
  let missed = 0;
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`${name} ...\n`);
    for (const one of await measure()) {
      const missedIt = one.target !== null && one.figure > one.target;
      if (missedIt) missed++;
      table.push([
        one.measure,
        one.ours,
        one.peer,
        print(one.figure, one),
        one.target === null ? '' : `<= ${print(one.target, one)}`,
        one.target === null ? '' : missedIt ? 'NO' : 'yes',
      ]);
    }
  }
  clearInterval(alive);
  process.stdout.write(`${table.toString()}\n`);
  return missed > 0 ? 1 : 0;
}

function print(value: number, { unit }: Measured): string {
  return unit === undefined ? value.toFixed(2) : `${value.toFixed(0)} ${unit}`;
}

process.exitCode = await main(process.argv.slice(2));
