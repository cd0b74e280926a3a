import { isReleaseJob, migrateBeforeStart, runReleaseJob } from '../../../../dist/nest/index.js';
import { MigrationsModule } from './migrations.module.js';

if (isReleaseJob()) await runReleaseJob(MigrationsModule);
else await migrateBeforeStart(MigrationsModule);
