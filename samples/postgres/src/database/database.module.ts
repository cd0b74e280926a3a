import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { databaseUrl } from './database-url.js';
import * as schema from './schema.js';

/** Token of the Drizzle database. */
export const DATABASE = Symbol('Database');
export type Database = NodePgDatabase<typeof schema> & { readonly $client: pg.Pool };

@Module({
  providers: [
    {
      provide: DATABASE,
      // Builds objects only: the pool connects with the first query, so a replica starts while the schema is not there yet.
      useFactory: (): Database =>
        drizzle({ client: new pg.Pool({ connectionString: databaseUrl() }), schema }),
    },
  ],
  exports: [DATABASE],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.$client.end();
  }
}
