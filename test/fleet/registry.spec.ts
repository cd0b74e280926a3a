import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/database/database.js';
import type { InstanceFacts } from '../../src/fleet/instance.js';
import { Registration } from '../../src/fleet/registration.js';
import { readRegistry, tendRegistry } from '../../src/fleet/registry.js';
import type { SelfId } from '../../src/fleet/self.js';
import type { Journal } from '../../src/journal/journal.js';
import { readCatalogue } from '../../src/ledger/read-ledger.js';
import { ledgerWorld, type LedgerWorld } from '../ledger/ledger-world.js';
import { kinds } from '../servers/index.js';

const FACTS: InstanceFacts = {
  service: 'api',
  build: '1.4.1',
  host: 'pod-1',
  machine: 'm',
  pid: 17,
  knows: ['0000_users', '0001_größe'],
  journal: 'f'.repeat(64),
  operations: [],
  capabilities: {},
};
const JOURNAL = { migrations: [] } as unknown as Journal;
const WEEK_S = 7 * 24 * 3600;

describe.each(kinds)('the registry of instances, on $name', (version) => {
  let world: LedgerWorld;
  const mysql = version.dialect === 'mysql';
  const table = mysql ? 'migration_instances' : 'drizzle.migration_instances';

  beforeEach(async () => {
    world = await ledgerWorld(version);
    await world.asRunner(() => Promise.resolve());
  });
  afterEach(() => world.drop());

  const registration = (ids?: readonly SelfId[]): Registration => {
    const left = [...(ids ?? [])];
    return ids === undefined
      ? new Registration(world.location, () => FACTS)
      : new Registration(
          world.location,
          () => FACTS,
          () => left.shift() ?? { instanceId: 'none', bootId: 'left' },
        );
  };
  const keep = (of: Registration, session: Session, state = 'down'): Promise<void> =>
    readCatalogue(session, world.location).then((catalogue) =>
      of.keep(session, catalogue, JOURNAL, state),
    );
  const registry = () => world.withSession((session) => readRegistry(session, world.location));
  const lapse = (seconds: number): Promise<unknown> =>
    world.admin.query(
      mysql
        ? `update ${table} set lease_until = utc_timestamp(3) - interval ${seconds} second`
        : `update ${table} set lease_until = clock_timestamp() - interval '${seconds} seconds'`,
    );

  it('holds what an instance says of itself, for 35 seconds by the clock of the database', async () => {
    await world.withSession((session) => keep(registration(), session));
    const { instances, intact } = await registry();
    expect(intact).toBe(true);
    expect(instances).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        service: 'api',
        build: '1.4.1',
        host: 'pod-1',
        machine: 'm',
        pid: 17,
        knows: FACTS.knows,
        state: 'down',
        stopped: false,
        leaseLeftMs: expect.any(Number),
        ageMs: expect.any(Number),
      },
    ]);
    expect(instances[0]?.leaseLeftMs).toBeGreaterThan(25_000);
    expect(instances[0]?.leaseLeftMs).toBeLessThanOrEqual(35_000);
    expect(instances[0]?.ageMs).toBeGreaterThanOrEqual(0);
  });

  it('is kept by signs of life, and says what the instance answers to readiness', async () => {
    const own = registration();
    await world.withSession(async (session) => {
      await keep(own, session);
      await keep(own, session, 'up');
    });
    expect((await registry()).instances).toMatchObject([{ state: 'up' }]);
  });

  it('takes an instance in again that was paused past its lease, as one and the same', async () => {
    const own = registration();
    await world.withSession((session) => keep(own, session));
    await lapse(600);
    const before = (await registry()).instances[0];
    expect(before?.leaseLeftMs).toBeLessThan(-590_000);
    await world.withSession((session) => keep(own, session));
    const { instances } = await registry();
    expect(instances).toMatchObject([{ id: before?.id, stopped: false }]);
    expect(instances[0]?.leaseLeftMs).toBeGreaterThan(0);
    expect(instances[0]?.ageMs).toBeGreaterThanOrEqual(before?.ageMs ?? Infinity);
  });

  it('takes an instance in again whose row, or whose table, somebody threw away', async () => {
    const own = registration();
    await world.withSession((session) => keep(own, session));
    await world.admin.query(`delete from ${table}`);
    await world.withSession((session) => keep(own, session));
    expect((await registry()).instances).toHaveLength(1);

    await world.admin.query(`drop table ${table}`);
    await world.withSession((session) => keep(own, session));
    expect(own.isRegistered).toBe(false);
    await world.asRunner(() => Promise.resolve());
    await world.withSession((session) => keep(own, session));
    expect(own.isRegistered).toBe(true);
    expect((await registry()).instances).toHaveLength(1);
  });

  it('keeps the row of an instance that stopped, until the same process starts again', async () => {
    const own = registration();
    await world.withSession(async (session) => {
      await keep(own, session);
      await own.leave(session);
    });
    expect((await registry()).instances).toMatchObject([{ stopped: true, state: 'stopped' }]);
    await world.withSession((session) => keep(own, session));
    expect((await registry()).instances).toMatchObject([{ stopped: false }]);
  });

  it('gives a second process with the same id another one, and leaves the first alone', async () => {
    const first = registration([{ instanceId: 'same', bootId: 'one' }]);
    const second = registration([
      { instanceId: 'same', bootId: 'two' },
      { instanceId: 'other', bootId: 'two' },
    ]);
    await world.withSession(async (session) => {
      await keep(first, session);
      await keep(second, session);
      await keep(first, session, 'up');
    });
    const rows = await world.admin.query<{ instance_id: string; boot_id: string; state: string }>(
      `select instance_id, boot_id, state from ${table} order by instance_id`,
    );
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { instance_id: 'other', boot_id: 'two', state: 'down' },
      { instance_id: 'same', boot_id: 'one', state: 'up' },
    ]);
  });

  const tend = (confirmed = false) =>
    world.asRunner((_, held) => tendRegistry(held, world.location, confirmed));

  it('is established by the first run, and can be told from one that was emptied', async () => {
    await tend();
    await tend();
    expect(await registry()).toEqual({ intact: true, instances: [] });
    await world.admin.query(`delete from ${table}`);
    await tend();
    expect(await registry()).toEqual({ intact: false, instances: [] });

    await world.admin.query(`drop table ${table}`);
    await world.asRunner(() => Promise.resolve());
    await tend();
    expect(await registry()).toEqual({ intact: false, instances: [] });

    const own = registration();
    await world.withSession((session) => keep(own, session));
    await tend();
    expect(await registry()).toMatchObject({ intact: false, instances: [{ stopped: false }] });
    await world.admin.query(
      mysql
        ? `update ${table} set started_at = utc_timestamp(3) - interval 36 second`
        : `update ${table} set started_at = clock_timestamp() - interval '36 seconds'`,
    );
    await tend();
    expect(await registry()).toMatchObject({ intact: true, instances: [{ stopped: false }] });
  });

  it('is established again when an operator has said who runs', async () => {
    await tend();
    await world.admin.query(`delete from ${table}`);
    await tend(true);
    expect(await registry()).toEqual({ intact: true, instances: [] });
  });

  it('forgets after a week who is no more', async () => {
    await world.withSession(async (session) => {
      await keep(registration(), session);
      await keep(registration(), session);
    });
    await tend();
    await lapse(WEEK_S - 60);
    await world.withSession((session) => keep(registration(), session));
    await tend();
    expect((await registry()).instances).toHaveLength(3);
    await lapse(WEEK_S + 60);
    await world.withSession((session) => keep(registration(), session));
    await tend();
    expect(await registry()).toMatchObject({ intact: true, instances: [{ stopped: false }] });
  });

  it('a role that may only read is not registered, and does not fail', async () => {
    const reader = await world.admin.createUser((name) => [
      ...(mysql
        ? [`grant select on ${world.admin.name}.* to ${name}`]
        : [
            `grant usage on schema drizzle to ${name}`,
            `grant select on all tables in schema drizzle to ${name}`,
          ]),
    ]);
    const own = registration();
    await world.withSession((session) => keep(own, session), reader.url);
    expect(own.isRegistered).toBe(false);
    expect((await registry()).instances).toEqual([]);
    await reader.drop();
  });
});
