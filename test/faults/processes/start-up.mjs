// A Nest application that migrates before it starts, as `migrateBeforeStart` in a main.ts does; released from a barrier.
import 'reflect-metadata';
import { once } from 'node:events';
import { Module } from '@nestjs/common';
import { migrateBeforeStart, MigratorModule } from '../../../dist/nest/index.js';

const { DATABASE_URL: url, MIGRATIONS: migrations } = process.env;
const dialect = url.startsWith('mysql') ? 'mysql' : 'postgresql';
const event = (body) => process.stderr.write(`${JSON.stringify({ level: 'info', ...body })}\n`);

class MigrationsModule {}
Module({
  imports: [MigratorModule.forRoot({ database: { dialect, url }, migrations, listeners: [event] })],
})(MigrationsModule);

await (dialect === 'mysql' ? import('mysql2') : import('pg'));
event({ type: 'ready' });
await once(process.stdin, 'data');
process.stdin.destroy();

const [{ result }] = await migrateBeforeStart(MigrationsModule);
process.stdout.write(`${JSON.stringify({ ok: true, exitCode: 0, result })}\n`);
