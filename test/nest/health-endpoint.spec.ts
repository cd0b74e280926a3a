import type { Server } from 'node:http';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import {
  getMigratorToken,
  MigrationHealthIndicator,
  MigratorModule,
} from '../../src/nest/index.js';
import { HEALTH_INDICATORS } from '../../src/nest/migrator.tokens.js';
import type { Readiness } from '../../src/readiness/readiness.js';
import { FakeMigrator } from './fake-migrator.js';
import { UNREACHABLE } from './options.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly migrations: MigrationHealthIndicator,
  ) {}

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.migrations.check('migrations')]);
  }
}

@Module({
  imports: [
    TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: 1 }),
    MigratorModule.forRoot(UNREACHABLE),
  ],
  controllers: [HealthController],
})
class AppModule {}

describe('GET /health/ready', () => {
  let app: INestApplication;
  let migrator: FakeMigrator;

  beforeEach(async () => {
    migrator = new FakeMigrator();
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getMigratorToken())
      .useValue(migrator)
      .compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
  });
  afterEach(() => app.close());

  const get = (readiness: Readiness | Error) => {
    migrator.readiness_ = readiness;
    return request(app.getHttpServer() as Server).get('/health/ready');
  };

  it('up is 200', async () => {
    const { status, body, headers } = await get({
      state: 'up',
      reasons: [{ code: 'contract_pending', tags: ['0004_drop'], count: 1 }],
    });
    expect({ status, body: body as unknown }).toEqual({
      status: 200,
      body: {
        status: 'ok',
        info: { migrations: { status: 'up' } },
        error: {},
        details: { migrations: { status: 'up' } },
      },
    });
    expect(headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });

  it('degraded is 200, with the reason', async () => {
    const { status, body } = await get({
      state: 'degraded',
      reasons: [{ code: 'ahead', tags: ['0009_new'], count: 1 }],
    });
    const entry = {
      status: 'degraded',
      reasons: [{ code: 'ahead', tags: ['0009_new'], count: 1 }],
    };
    expect({ status, body: body as unknown }).toEqual({
      status: 200,
      body: {
        status: 'degraded',
        info: { migrations: entry },
        error: {},
        details: { migrations: entry },
      },
    });
  });

  it('down is 503, with the reason', async () => {
    const { status, body } = await get({
      state: 'down',
      reasons: [{ code: 'behind', tags: ['0003_a'], count: 1, failed: true }],
    });
    const entry = {
      status: 'down',
      reasons: [{ code: 'behind', tags: ['0003_a'], count: 1, failed: true }],
    };
    expect({ status, body: body as unknown }).toEqual({
      status: 503,
      body: {
        status: 'error',
        info: {},
        error: { migrations: entry },
        details: { migrations: entry },
      },
    });
  });

  it('a probe that throws is 503 with unknown, never 500, and its message stays inside', async () => {
    const { status, body, text } = await get(new Error('connect postgres://u:canary@db'));
    expect({ status, body: body as unknown }).toMatchObject({
      status: 503,
      body: { error: { migrations: { status: 'down', reasons: [{ code: 'unknown' }] } } },
    });
    expect(text).not.toContain('canary');
  });

  it('nothing but code, tags, count and failed gets out, whatever a reason holds', async () => {
    const reason = { code: 'behind', tags: ['a'], count: 1, sql: 'canary' } as const;
    const { text } = await get({ state: 'down', reasons: [reason] });
    expect(text).not.toContain('canary');
  });
});

describe('while shutting down', () => {
  it('is 503 although migrations are up, until the server is gone', async () => {
    const migrator = new FakeMigrator();
    let answer: Promise<request.Response> | undefined;
    // Terminus marks the shutdown in this very hook; Nest runs the hooks of modules further down later.
    @Module({})
    class Last {
      async beforeApplicationShutdown() {
        answer = Promise.resolve(
          request(app.getHttpServer() as Server)
            .get('/health/ready')
            .then((response) => response),
        );
        await answer;
      }
    }
    @Module({ imports: [Last] })
    class Middle {}
    @Module({ imports: [Middle] })
    class Upper {}
    @Module({ imports: [AppModule, Upper] })
    class Root {}
    const module = await Test.createTestingModule({ imports: [Root] })
      .overrideProvider(getMigratorToken())
      .useValue(migrator)
      .compile();
    const app: INestApplication = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    await app.close();
    const { status, body } = (await answer) ?? { status: 0, body: null };
    expect({ status, body: body as unknown }).toEqual({
      status: 503,
      body: {
        status: 'shutting_down',
        info: { migrations: { status: 'up' } },
        error: {},
        details: { migrations: { status: 'up' } },
      },
    });
    expect(migrator.calls).toEqual(['start', 'stop', 'close']);
  });
});

describe('with Terminus 11, which knows no degraded', () => {
  it('degraded is up, and says so', async () => {
    const migrator = new FakeMigrator();
    migrator.readiness_ = {
      state: 'degraded',
      reasons: [{ code: 'checksum', tags: ['a'], count: 1 }],
    };
    const terminus11 = {
      check: (key: string) => ({
        up: (data?: object) => ({ [key]: { status: 'up', ...data } }),
        down: (data?: object) => ({ [key]: { status: 'down', ...data } }),
      }),
    };
    const app = await Test.createTestingModule({ imports: [MigratorModule.forRoot(UNREACHABLE)] })
      .overrideProvider(getMigratorToken())
      .useValue(migrator)
      .overrideProvider(HEALTH_INDICATORS)
      .useValue(terminus11)
      .compile();
    expect(app.get(MigrationHealthIndicator).check('migrations')).toEqual({
      migrations: {
        status: 'up',
        degraded: true,
        reasons: [{ code: 'checksum', tags: ['a'], count: 1 }],
      },
    });
    await app.close();
  });
});
