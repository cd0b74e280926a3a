// Migrates by a module that is not the one in the file beside it.
import { runReleaseJob } from '../../../../dist/nest/index.js';
import { MigrationsModule } from './migrations.module.js';

class Another {}
await runReleaseJob({ module: Another, imports: [MigrationsModule] });
