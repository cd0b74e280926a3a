import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Migrator, MigratorOptions } from '../../src/index.js';
import type { JournalMigration } from '../journals/write-journal.js';
import { kinds, servers, type TestDatabase } from '../servers/index.js';
import { Builds, readinessOf } from './builds.js';

const USERS: JournalMigration = {
  tag: '0000_users',
  sql: 'create table users (id int primary key, nick varchar(20), phone varchar(20));',
};
const DROP: JournalMigration = {
  tag: '0001_drop_nick',
  sql: 'alter table users drop column nick;',
};
const ORDERS: JournalMigration = {
  tag: '0002_orders',
  sql: 'create table orders (id int primary key);',
};
const RENAME: JournalMigration = {
  tag: '0001_rename',
  sql: 'alter table users rename column phone to mobile;',
};

const environment = process.env['NODE_ENV'];
beforeAll(() => {
  process.env['NODE_ENV'] = 'production';
});
afterAll(() => {
  process.env['NODE_ENV'] = environment;
});

describe.each(kinds)('on $name', ({ server, dialect }) => {
  let database: TestDatabase;
  let builds: Builds;
  const instances = dialect === 'mysql' ? 'migration_instances' : 'drizzle.migration_instances';

  beforeEach(async () => {
    database = await (await servers[server]()).createDatabase();
    builds = new Builds(dialect, database);
  });
  afterEach(async () => {
    await builds.dispose();
    await database.drop();
  });

  const build = (
    release: string,
    migrations: readonly JournalMigration[],
    over: Partial<MigratorOptions> = {},
  ): Promise<Migrator> => builds.of(migrations, { build: release, ...over });

  it('a contract waits for the last old replica, and nobody is disturbed', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    expect(await readinessOf(old)).toBe('up current');
    const next = await build('1.1', [USERS, DROP]);

    const first = await next.up();
    expect(first).toMatchObject({
      outcome: 'nothing-to-do',
      applied: [],
      deferred: [
        {
          tag: DROP.tag,
          waitsFor: [expect.stringMatching(/^\S+@\S+ \(build 1\.0\): lease \d+ s left$/)],
        },
      ],
    });
    expect(await next.plan()).toMatchObject({
      migrations: [],
      deferred: [{ tag: DROP.tag }],
      refusals: [],
      requiredPending: false,
    });
    expect(await readinessOf(next)).toBe('up contract_pending');
    expect(await readinessOf(old)).toBe('up current');

    await old.readiness.stop();
    expect(await next.up()).toMatchObject({ applied: [{ tag: DROP.tag }], deferred: [] });
    expect(await readinessOf(next)).toBe('up current');
    // An old image that is started again stays down, and says why.
    expect(await readinessOf(await build('1.0', [USERS]))).toMatch(/^down ahead_incompatible/);
  });

  it('a breaking migration is refused while an older build runs, unless downtime is allowed', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    await readinessOf(old);
    const next = await build('1.1', [USERS, RENAME]);
    await expect(next.up()).rejects.toMatchObject({
      code: 'REFUSED_BREAKING',
      exitCode: 7,
      message: expect.stringContaining('(build 1.0), lease'),
      place: { migration: RENAME.tag },
    });
    await expect(next.up({ fleetConfirmed: true })).rejects.toMatchObject({
      code: 'REFUSED_BREAKING',
    });
    expect(await readinessOf(old)).toBe('up current');
    expect(await next.up({ allowDowntime: true })).toMatchObject({
      applied: [{ tag: RENAME.tag }],
    });
    const attempts = dialect === 'mysql' ? 'migration_attempts' : 'drizzle.migration_attempts';
    const field = (name: string): string =>
      dialect === 'mysql'
        ? `json_unquote(json_extract(detail, '$.${name}'))`
        : `detail ->> '${name}'`;
    const [row] = await database.query<{ said: string }>(
      `select ${field('reason')} as said from ${attempts} where tag = '${RENAME.tag}' and kind = 'migration' and state = 'done'`,
    );
    expect(row?.said).toBe('downtime allowed');
    const [gate] = await database.query<{ right: string; aside: string; there: string }>(
      `select reason as ${dialect === 'mysql' ? '`right`' : '"right"'}, ${field('setAside')} as aside, ${field('instances')} as there
         from ${attempts} where tag = '${RENAME.tag}' and kind = 'gate'`,
    );
    expect(gate).toMatchObject({
      right: 'allow-downtime',
      aside: expect.stringContaining('(build 1.0): lease'),
      there: '1',
    });
  });

  it('what is required behind a contract that waits is refused before any replica waits in vain', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    await readinessOf(old);
    const next = await build('3.0', [USERS, DROP, ORDERS]);
    await expect(next.up()).rejects.toMatchObject({
      code: 'REFUSED_HELD_BACK',
      message: expect.stringContaining(ORDERS.tag),
      details: { heldBack: [ORDERS.tag] },
    });
    expect(await next.up({ to: DROP.tag })).toMatchObject({ deferred: [{ tag: DROP.tag }] });
    expect(await next.up({ fleetConfirmed: true })).toMatchObject({
      applied: [{ tag: DROP.tag }, { tag: ORDERS.tag }],
    });
  });

  it('up --wait-fleet ends when the old replica is gone, or when its time is over', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    await readinessOf(old);
    const next = await build('1.1', [USERS, DROP]);
    const told: unknown[] = [];
    next.onEvent((event) => {
      if (event.type === 'fleet.waiting') told.push({ tag: event.tag, instances: event.instances });
    });
    await expect(next.up({ waitFleetMs: 1200 })).rejects.toMatchObject({
      code: 'FLEET_TIMEOUT',
      exitCode: 3,
      message: expect.stringContaining('(build 1.0)'),
    });
    expect(told).toEqual([{ tag: DROP.tag, instances: 1 }]);
    const waiting = next.up({ waitFleetMs: 60_000 });
    await old.readiness.stop();
    expect(await waiting).toMatchObject({
      outcome: 'applied',
      applied: [{ tag: DROP.tag }],
      deferred: [],
    });
  });

  it('a registry that was lost is no consent, until every replica has had time to come back', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    await readinessOf(old);
    const next = await build('1.1', [USERS, DROP]);
    await next.up();
    await database.query(`delete from ${instances}`);
    await expect(next.up()).rejects.toMatchObject({ code: 'REFUSED_FLEET', exitCode: 7 });
    await readinessOf(next);
    await expect(next.up()).rejects.toMatchObject({
      code: 'REFUSED_FLEET',
      message: expect.stringContaining('written anew'),
    });
    await readinessOf(old);
    await database.query(
      dialect === 'mysql'
        ? `update ${instances} set started_at = utc_timestamp(3) - interval 36 second`
        : `update ${instances} set started_at = clock_timestamp() - interval '36 seconds'`,
    );
    expect(await next.up()).toMatchObject({ deferred: [{ tag: DROP.tag }] });
    expect(await next.up({ fleetConfirmed: true })).toMatchObject({ applied: [{ tag: DROP.tag }] });
  });

  it('whoever registers between the look and the act is found, and the announcement is taken back', async () => {
    const old = await build('1.0', [USERS]);
    await old.up();
    const late = await build('1.0', [USERS]);
    const next = await build('1.1', [USERS, DROP], {
      fleet: {
        probes: [
          {
            name: 'late',
            look: async () => {
              looks += 1;
              // The registry was read before the probe is asked. The third look is behind the announcement.
              if (looks === 2) registered.push(await readinessOf(old));
              if (looks === 3) registered.push(await readinessOf(late));
              return [];
            },
          },
        ],
      },
    });
    let looks = 0;
    const registered: string[] = [];
    expect(await next.up()).toMatchObject({ applied: [], deferred: [{ tag: DROP.tag }] });
    expect(looks).toBe(4);
    expect(registered).toEqual(['up current', expect.stringMatching(/^down ahead_incompatible/)]);
    expect(await Promise.all([old, late].map(readinessOf))).toEqual(['up current', 'up current']);
    await Promise.all([old, late].map((replica) => replica.readiness.stop()));
    expect(await next.up()).toMatchObject({ applied: [{ tag: DROP.tag }] });
  });

  it('a probe that fails is a refusal, and what it sights holds a contract back', async () => {
    const [first] = [await build('1.0', [USERS])];
    await first.up();
    const failing = { name: 'k8s', look: () => Promise.reject(new Error('token=s3cret')) };
    const blind = await build('1.1', [USERS, DROP], { fleet: { probes: [failing] } });
    const refused = await blind.up().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'REFUSED_FLEET',
      message: expect.stringContaining('the probe k8s failed'),
    });
    expect(JSON.stringify(refused)).not.toContain('s3cret');
    const sighted = { name: 'k8s', look: () => Promise.resolve([{ name: 'cron job nightly' }]) };
    const waiting = await build('1.1', [USERS, DROP], { fleet: { probes: [sighted] } });
    expect(await waiting.up()).toMatchObject({
      deferred: [{ tag: DROP.tag, waitsFor: ['cron job nightly: not registered'] }],
    });
    expect(await waiting.fleet()).toMatchObject({ sightings: ['cron job nightly'] });
  });

  it('a login without a right to register serves, degraded; where the fleet is required it stays down', async () => {
    const owner = await build('1.0', [USERS]);
    await owner.up();
    const reader = await database.createUser((name) => [
      ...(dialect === 'mysql'
        ? [`grant select on ${database.name}.* to ${name}`]
        : [
            `grant usage on schema drizzle to ${name}`,
            `grant select on all tables in schema drizzle to ${name}`,
          ]),
    ]);
    const at = { database: { dialect, url: reader.url } };
    expect(await readinessOf(await build('1.0', [USERS], at))).toBe('degraded unregistered');
    const required = await build('1.0', [USERS], { ...at, fleet: { mode: 'required' } });
    expect(await readinessOf(required)).toBe('down unregistered');
    const off = await build('1.0', [USERS], { ...at, fleet: { mode: 'off' } });
    expect(await readinessOf(off)).toBe('up current');
    const role = dialect === 'mysql' ? `${reader.name}@%` : reader.name;
    await (await build('1.0', [USERS], { grantTo: [role] })).up();
    expect(await readinessOf(required)).toBe('up current');
    await builds.close();
    await reader.drop();
  });

  it('a project without our module never had a fleet: its contracts apply, with a remark', async () => {
    const tool = await build('1.0', [USERS]);
    await tool.up();
    const next = await build('1.1', [USERS, DROP]);
    const { applied, findings } = await next.up();
    expect(applied).toMatchObject([{ tag: DROP.tag }]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'contract-without-fleet',
        severity: 'warning',
        message: expect.stringContaining('users.nick'),
      }),
    );
  });
});
