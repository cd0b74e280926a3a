import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { createPool, type Pool } from 'mysql2/promise';
import { databaseUrl } from './database-url.js';
import * as schema from './schema.js';

/** Token of the Drizzle database. */
export const DATABASE = Symbol('Database');
export type Database = MySql2Database<typeof schema> & { readonly $client: Pool };

@Module({
  providers: [
    {
      provide: DATABASE,
      // Builds objects only: the pool connects with the first query, so a replica starts while the schema is not there yet.
      useFactory: (): Database =>
        drizzle({ client: createPool({ uri: databaseUrl() }), schema, mode: 'default' }),
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
