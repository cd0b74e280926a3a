// One `up` whose migration goes through the rows of a rename, in a process of its own: node backfill.mjs <dialect> <url> <folder> <tag>.
import { createMigrator, renameColumn } from 'nestjs-drizzle-migrator';
import { barrier, report } from './barrier.mjs';

const [, , dialect, url, migrations, to] = process.argv;
await barrier();

let passMs = 0;
let tuned = null;
const migrator = createMigrator({
  database: { dialect, url },
  migrations,
  operations: [renameColumn('full-name', { table: 't', from: 'name', to: 'full_name' })],
  listeners: [
    (event) => {
      if (event.type === 'backfill.finished') passMs = event.durationMs;
      if (event.type === 'backfill.tuned') tuned = event.ranges;
    },
  ],
});
const startedAt = performance.now();
try {
  const { applied } = await migrator.up({ to });
  const ms = performance.now() - startedAt;
  await migrator.close();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  report({ ms, applied: applied.length, passMs, tuned, peakMb });
} catch (error) {
  await migrator.close();
  process.stderr.write(`${JSON.stringify(error)}\n`);
  process.exitCode = 1;
}
