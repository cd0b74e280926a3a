/** A replica without an application: replica.ts <dialect> <url> <folder>. Tells its parent what readiness says, at each change. */
import { createMigrator } from 'nestjs-drizzle-migrator';

const [, , dialect, url = '', migrations = ''] = process.argv;
const migrator = createMigrator({
  database: { dialect: dialect === 'mysql' ? 'mysql' : 'postgresql', url },
  migrations,
  build: 'old',
  listeners: [
    (event) => {
      if (event.type !== 'readiness.changed') return;
      process.send?.([event.to, ...event.reasons.map(({ code }) => code)].join(' '));
    },
  ],
});
migrator.readiness.start();
process.once('disconnect', () => void migrator.close());
