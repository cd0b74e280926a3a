import {
  Inject,
  Injectable,
  Logger,
  Optional,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Migrator } from '../migrator.js';
import { asMigratorError } from '../report/unexpected.js';
import { createNestRunLog } from './nest-run-log.js';
import { MIGRATIONS_CONTEXT, MIGRATOR } from './migrator.tokens.js';

/** Starts the background reads of a serving application, and closes what the migrator opened. Never migrates. */
@Injectable()
export class MigratorLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Migrator');

  constructor(
    @Inject(MIGRATOR) private readonly migrator: Migrator,
    @Optional() @Inject(MIGRATIONS_CONTEXT) private readonly migrationsContext?: true,
  ) {}

  onApplicationBootstrap(): void {
    // createApplicationContext runs this hook too: a release job logs for itself and has nothing to be ready for.
    if (this.migrationsContext === true) return;
    this.migrator.onEvent(createNestRunLog(this.logger));
    this.migrator.readiness.start();
  }

  /** The last hook: the endpoint answers until then, and Terminus says that it is shutting down. */
  async onApplicationShutdown(): Promise<void> {
    try {
      await this.migrator.readiness.stop();
      await this.migrator.close();
    } catch (error) {
      // Nest prints what a shutdown hook throws, raw.
      throw asMigratorError(error);
    }
  }
}
