const { runReleaseJob } = require('../../../../dist/nest/index.js');
const { MigrationsModule } = require('./migrations.module.cjs');

void runReleaseJob(MigrationsModule);
