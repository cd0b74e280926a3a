import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kinds, type TestUser } from '../servers/index.js';
import { migratorWorld, type MigratorWorld } from './migrator-world.js';

/** Who adds a role to grantTo and runs the release job again has let it in, whatever there is to apply. */
describe.each(kinds)('grantTo with nothing pending on $name', ({ server, dialect }) => {
  let world: MigratorWorld;
  const users: TestUser[] = [];

  beforeEach(async () => {
    world = await migratorWorld(server, [{ tag: '0000_init', sql: 'CREATE TABLE hot (id int)' }]);
    await world.migrator().up();
  });
  afterEach(async () => {
    // One after the other: their rights stand in the same rows of the catalogue.
    for (const user of users.splice(0)) await user.drop();
    await world.close();
  });

  const createUser = async (grants?: (user: string) => readonly string[]): Promise<TestUser> => {
    const user = await world.database.createUser(grants);
    users.push(user);
    return user;
  };
  const readsAs = async ({ url }: TestUser): Promise<unknown> => {
    const reader = world.migrator({ database: { dialect, url } });
    const state = await reader.readiness.refreshed();
    await reader.close();
    return state;
  };
  const UP = { state: 'up', reasons: [{ code: 'current' }] };

  it('lets the role in, and takes no lock once it is', async () => {
    const app = await createUser();
    const migrator = world.migrator({ grantTo: [app.name] });
    expect(await migrator.up()).toMatchObject({
      outcome: 'nothing-to-do',
      fence: expect.any(String) as unknown,
    });
    expect(await readsAs(app)).toEqual(UP);
    expect(await migrator.up()).toMatchObject({ outcome: 'nothing-to-do', fence: null });
    const jobs = await createUser();
    await world.migrator({ grantTo: [app.name, jobs.name] }).up();
    expect(await readsAs(jobs)).toEqual(UP);
  });

  it('lets the role in as a runner that does not see what others may', async () => {
    const app = await createUser();
    const { name } = world.database;
    const runner = await createUser((user) =>
      dialect === 'mysql'
        ? [`GRANT ALL ON ${name}.* TO ${user} WITH GRANT OPTION`]
        : [`DO $$ BEGIN EXECUTE format('GRANT %I TO ${user}', current_user); END $$`],
    );
    const migrator = world.migrator({
      grantTo: [app.name],
      database: { dialect, url: runner.url },
    });
    expect(await migrator.up()).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await readsAs(app)).toEqual(UP);
    expect(await migrator.up()).toMatchObject({ outcome: 'nothing-to-do' });
    await migrator.close();
  });

  it('says that there is no such role', async () => {
    await expect(world.migrator({ grantTo: ['no_such_role'] }).up()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('no_such_role') as unknown,
    });
  });
});
