import { execFile } from 'node:child_process';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Migrator } from 'nestjs-drizzle-migrator';
import { getMigratorToken } from 'nestjs-drizzle-migrator/nest';
import request from 'supertest';
import { servers, type TestDatabase } from '../../../test/servers/index.js';
import { AppModule } from '../src/app.module.js';

const run = promisify(execFile);
const sample = fileURLToPath(new URL('..', import.meta.url));

describe('the orders service', () => {
  let database: TestDatabase;
  let app: INestApplication;
  const http = () => request(app.getHttpServer() as Server);
  const nextRead = () => app.get<Migrator>(getMigratorToken()).readiness.refreshed();

  beforeAll(async () => {
    await run('npx', ['tsc', '-b'], { cwd: sample });
    database = await (await servers.mysql()).createDatabase();
    process.env['DATABASE_URL'] = database.url;
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = await module.createNestApplication({ logger: ['error'] }).init();
  });
  afterAll(async () => {
    await app.close();
    delete process.env['DATABASE_URL'];
    await database.drop();
  });

  it('is alive and not ready, then ready without a restart once the release job has run', async () => {
    await nextRead();
    const pending = {
      migrations: { status: 'down', reasons: [{ code: 'uninitialised' }] },
    };
    await http()
      .get('/health/ready')
      .expect(503, { status: 'error', info: {}, error: pending, details: pending });
    await http().get('/health/live').expect(200, { status: 'ok' });

    await run(process.execPath, ['dist/main.js', '--release-job'], {
      cwd: sample,
      env: { ...process.env, NODE_OPTIONS: '' },
    });

    await nextRead();
    const current = { migrations: { status: 'up' } };
    await http()
      .get('/health/ready')
      .expect(200, { status: 'ok', info: current, error: {}, details: current });
  });

  it('takes an order and its payment', async () => {
    const order = {
      customer: 'ada',
      lines: [
        { sku: 'tea', quantity: 2 },
        { sku: 'mug', quantity: 1 },
      ],
    };
    await http()
      .post('/orders')
      .send(order)
      .expect(201, { id: 1, customer: 'ada', status: 'placed', totalCents: 2470 });
    await http().post('/orders/1/payment').expect(204);
    await http().post('/orders/1/payment').expect(409);
    await http()
      .get('/orders?customer=ada')
      .expect(200, [{ id: 1, customer: 'ada', status: 'paid', totalCents: 2470 }]);
    await http().post('/orders').send({ customer: 'ada', lines: [] }).expect(400);
  });
});
