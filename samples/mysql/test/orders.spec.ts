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

  beforeAll(async () => {
    await run('npx', ['tsc', '-b'], { cwd: sample }); // the release job below is the compiled one
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

  const answer = async (
    method: 'get' | 'post',
    path: string,
    body?: object,
  ): Promise<readonly [status: number, body: unknown]> => {
    const response = await request(app.getHttpServer() as Server)
      [method](path)
      .send(body);
    return [response.status, response.body];
  };
  const nextRead = () => app.get<Migrator>(getMigratorToken()).readiness.refreshed();

  it('is alive and not ready, then ready without a restart once the release job has run', async () => {
    await nextRead();
    const pending = { migrations: { status: 'down', reasons: [{ code: 'uninitialised' }] } };
    expect(await answer('get', '/health/ready')).toEqual([
      503,
      { status: 'error', info: {}, error: pending, details: pending },
    ]);
    expect(await answer('get', '/health/live')).toEqual([200, { status: 'ok' }]);

    await run(process.execPath, ['dist/main.js', '--release-job'], {
      cwd: sample,
      env: { ...process.env, NODE_OPTIONS: '' },
    });

    await nextRead();
    const current = { migrations: { status: 'up' } };
    expect(await answer('get', '/health/ready')).toEqual([
      200,
      { status: 'ok', info: current, error: {}, details: current },
    ]);
  });

  it('takes an order and its payment', async () => {
    const lines = [
      { sku: 'tea', quantity: 2 },
      { sku: 'mug', quantity: 1 },
    ];
    const comment = 'the blue one';
    const order = { id: 1, customer: 'ada', status: 'placed', totalCents: 2470, comment };
    expect(await answer('post', '/orders', { customer: 'ada', comment, lines })).toEqual([
      201,
      order,
    ]);
    expect(await answer('post', '/orders/1/payment')).toEqual([204, {}]);
    expect((await answer('post', '/orders/1/payment'))[0]).toBe(409);
    const paid = { ...order, status: 'paid' };
    expect(await answer('get', '/orders?customer=ada')).toEqual([200, [paid]]);
    expect((await answer('post', '/orders', { customer: 'ada', lines: [] }))[0]).toBe(400);
  });
});
