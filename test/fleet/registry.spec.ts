import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Session } from '../../src/database/database.js';
import type { InstanceFacts } from '../../src/fleet/instance.js';
import { Registration } from '../../src/fleet/registration.js';
import { noteFleet, readRegistry } from '../../src/fleet/registry.js';
import type { SelfId } from '../../src/fleet/self.js';
import type { Journal } from '../../src/journal/journal.js';
import { readCatalogue } from '../../src/ledger/read-ledger.js';
import { ledgerWorld, type LedgerWorld } from '../ledger/ledger-world.js';
import { databases } from '../servers/index.js';

const FACTS: InstanceFacts = {
  service: 'api',
  build: '1.4.1',
  host: 'pod-1',
  pid: 17,
  knows: ['0000_users', '0001_größe'],
  journal: 'f'.repeat(64),
  operations: [],
  capabilities: {},
};
const JOURNAL = { migrations: [] } as unknown as Journal;
const WEEK_S = 7 * 24 * 3600;

describe.each(databases)('the registry of instances, on $name', (version) => {
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
    const { instances, exists, seenAgeMs } = await registry();
    expect({ exists, seenAgeMs }).toEqual({ exists: true, seenAgeMs: null });
    expect(instances).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        service: 'api',
        build: '1.4.1',
        host: 'pod-1',
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

  it('remembers that there was a fleet, and forgets after a week who is no more, but for the last', async () => {
    const note = () => world.asRunner((_, held) => noteFleet(held, world.location, 'runner'));
    await note();
    expect((await registry()).seenAgeMs).toBeNull();
    await world.withSession(async (session) => {
      await keep(registration(), session);
      await keep(registration(), session);
    });
    await note();
    const seen = (await registry()).seenAgeMs;
    expect(seen).toBeGreaterThanOrEqual(0);
    expect(seen).toBeLessThan(60_000);

    await lapse(WEEK_S + 60);
    await world.withSession((session) => keep(registration(), session));
    await note();
    expect((await registry()).instances).toHaveLength(1);
    await lapse(WEEK_S + 60);
    await note();
    expect((await registry()).instances).toHaveLength(1);
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
