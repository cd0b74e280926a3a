// The application of the release job's tests, in plain JavaScript on the built package: a main.ts as users write it, and modules that misbehave.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import {
  CodeMigration,
  getMigratorToken,
  isReleaseJob,
  migrateBeforeStart,
  MigratorModule,
  runReleaseJob,
} from '../../../dist/nest/index.js';

const { DATABASE_URL, SECOND_DATABASE_URL, MIGRATIONS, MISBEHAVE, STARTUP } = process.env;

class Seed {
  async up({ query }) {
    await query('insert into orders (id) values (41), (42)');
  }
}
CodeMigration('seed-orders')(Seed);

/** Throws what a driver throws: the connection string is in the message. */
class ThrowsInFactory {}
const misbehaviour = {
  factory: {
    provide: ThrowsInFactory,
    useFactory: () => {
      throw new Error(`connect ${DATABASE_URL} failed`);
    },
  },
  variable: {
    provide: ThrowsInFactory,
    useFactory: () => {
      throw new TypeError('Configuration key "DATABASE_URL" does not exist');
    },
  },
  held: { provide: 'TIMER', useFactory: () => setInterval(() => undefined, 1000) },
  stray: {
    provide: 'STRAY',
    useFactory: () => {
      void Promise.reject(new Error(`stray ${DATABASE_URL}`));
      return null;
    },
  },
}[MISBEHAVE];

class MigrationsModule {}
Module({
  imports: [
    MigratorModule.forRootAsync({
      useFactory: () => {
        if (MISBEHAVE === 'options') throw new Error(`no variable beside ${DATABASE_URL}`);
        return { database: { dialect: 'postgresql', url: DATABASE_URL }, migrations: MIGRATIONS };
      },
    }),
    ...(SECOND_DATABASE_URL
      ? [
          MigratorModule.forRoot({
            name: 'second',
            database: { dialect: 'postgresql', url: SECOND_DATABASE_URL },
            migrations: MIGRATIONS,
          }),
        ]
      : []),
  ],
  providers: [Seed, ...(misbehaviour ? [misbehaviour] : [])],
})(MigrationsModule);

/** Needs the schema of this release to start: it reads a table that the pending migration creates. */
class Orders {
  async onModuleInit() {
    const client = new pg.Client(DATABASE_URL);
    await client.connect();
    const { rows } = await client.query('select count(*)::int as orders from orders');
    process.stdout.write(`serving with ${rows[0].orders} orders\n`);
    await client.end();
  }
}
class AppModule {}
Module({ imports: [MigrationsModule], providers: [Orders] })(AppModule);

if (isReleaseJob()) await runReleaseJob(MigrationsModule);
else await serve();

async function serve() {
  if (STARTUP) await migrateBeforeStart(MigrationsModule);
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.init();
  const readiness = await app.get(getMigratorToken(), { strict: false }).readiness.refreshed();
  process.stdout.write(`${readiness.state}\n`);
  await app.close();
}
