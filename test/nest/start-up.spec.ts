import { ConsoleLogger, Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { MigratorError } from '../../src/errors.js';
import {
  getMigratorToken,
  migrateBeforeStart,
  MigratorModule,
  openMigrationsContext,
} from '../../src/nest/index.js';
import { RedactingLogger } from '../../src/nest/redacting-logger.js';
import { FakeMigrator, nothingToDo } from './fake-migrator.js';
import { migrationsModuleOf } from './migrations-module.js';
import { UNREACHABLE } from './options.js';

const silent = new RedactingLogger(() => undefined);
const development = { env: { NODE_ENV: 'development' } };

describe('migrateBeforeStart', () => {
  it('runs one migrator after the other and waits five minutes for the lock', async () => {
    const [orders, stock] = [new FakeMigrator('orders'), new FakeMigrator('stock')];
    const order: string[] = [];
    for (const migrator of [orders, stock]) {
      migrator.up_ = async () => {
        order.push(`${migrator.name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${migrator.name} ends`);
        return nothingToDo;
      };
    }
    const done = await migrateBeforeStart(migrationsModuleOf([orders, stock]), development);
    expect(order).toEqual(['orders begins', 'orders ends', 'stock begins', 'stock ends']);
    expect(done.map(({ name }) => name)).toEqual(['orders', 'stock']);
    expect(orders.ups[0]?.waitMs).toBe(300_000);
  });

  it('waits as long as the options, or the call, say', async () => {
    const migrator = new FakeMigrator();
    await migrateBeforeStart(migrationsModuleOf([migrator], { lockWaitMs: 7 }), development);
    await migrateBeforeStart(migrationsModuleOf([migrator], { lockWaitMs: 7 }), {
      ...development,
      waitMs: 9,
    });
    expect(migrator.ups.map(({ waitMs }) => waitMs)).toEqual([7, 9]);
  });

  it('throws the first failure, and leaves the databases after it alone', async () => {
    const [bad, next] = [new FakeMigrator('bad'), new FakeMigrator('next')];
    bad.up_ = () =>
      Promise.reject(new MigratorError('MIGRATION_FAILED', { message: 'm', remedy: 'r' }));
    await expect(
      migrateBeforeStart(migrationsModuleOf([bad, next]), development),
    ).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    expect(next.calls).toEqual([]);
  });

  it('what a module throws that is none of ours comes out without its message', async () => {
    @Injectable()
    class Connects implements OnModuleInit {
      onModuleInit() {
        throw new Error('connect postgres://u:canary@db');
      }
    }
    @Module({ imports: [migrationsModuleOf([new FakeMigrator()])], providers: [Connects] })
    class MigrationsModule {}
    const error: unknown = await migrateBeforeStart(MigrationsModule, development).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('is refused in production before anything is done', async () => {
    const migrator = new FakeMigrator();
    await expect(
      migrateBeforeStart(migrationsModuleOf([migrator]), { env: { NODE_ENV: 'production' } }),
    ).rejects.toMatchObject({ code: 'REFUSED_PRODUCTION', exitCode: 7 });
    expect(migrator.calls).toEqual([]);
  });

  it('is not, where the options of every migrator allow it', async () => {
    const production = { env: { NODE_ENV: 'production' } };
    const module = MigratorModule.forRoot({ ...UNREACHABLE, allowStartupInProduction: true });
    await expect(migrateBeforeStart(module, production)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  it('stops when it is told to, before the next database', async () => {
    const stop = new AbortController();
    const [one, two] = [new FakeMigrator('one'), new FakeMigrator('two')];
    one.up_ = () => {
      stop.abort(new MigratorError('INTERRUPTED_SIGTERM', { message: 'm', remedy: 'r' }));
      return Promise.resolve(nothingToDo);
    };
    await expect(
      migrateBeforeStart(migrationsModuleOf([one, two]), { ...development, signal: stop.signal }),
    ).rejects.toMatchObject({ exitCode: 143 });
    expect(two.calls).toEqual([]);
  });

  it('leaves no signal handler behind', async () => {
    const before = process.listenerCount('SIGTERM');
    await migrateBeforeStart(migrationsModuleOf([new FakeMigrator()]), development);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it("leaves the process's logger as it was", async () => {
    const own = new ConsoleLogger('own', { logLevels: [] });
    const statics = Logger as unknown as { readonly staticInstanceRef: unknown };
    const before = statics.staticInstanceRef;
    Logger.overrideLogger(own);
    try {
      await migrateBeforeStart(migrationsModuleOf([new FakeMigrator()]), development);
      expect(statics.staticInstanceRef).toBe(own);
    } finally {
      Logger.overrideLogger(before as ConsoleLogger);
    }
  });
});

describe('a migrations context', () => {
  it('reads nothing in the background, and closes what it opened', async () => {
    const migrator = new FakeMigrator();
    const module = MigratorModule.forRoot(UNREACHABLE);
    const context = await openMigrationsContext(
      {
        ...module,
        providers: [
          ...(module.providers ?? []),
          { provide: getMigratorToken(), useValue: migrator },
        ],
      },
      silent,
    );
    await context.close();
    expect(migrator.calls).toEqual(['stop', 'close']);
  });

  it('has every migrator, in the order in which they are imported', async () => {
    @Module({
      imports: ['b', 'a', 'c'].map((name) => MigratorModule.forRoot({ ...UNREACHABLE, name })),
    })
    class MigrationsModule {}
    const context = await openMigrationsContext(MigrationsModule, silent);
    expect(context.migrators.map(({ migrator }) => migrator.name)).toEqual(['b', 'a', 'c']);
    await context.close();
  });

  it('is refused without a migrator', async () => {
    @Module({})
    class Empty {}
    await expect(openMigrationsContext(Empty, silent)).rejects.toMatchObject({
      code: 'CONFIGURATION',
    });
  });
});
