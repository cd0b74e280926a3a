import { answersAs, followReadme, type Done } from '../../../test/samples/readme.js';
import { servers, type TestDatabase } from '../../../test/servers/index.js';

describe('the commands of README.md', () => {
  let database: TestDatabase;
  let done: readonly Done[];

  beforeAll(async () => {
    database = await (await servers.postgres18()).createDatabase();
    done = await followReadme('postgres', database.url);
  });
  afterAll(() => database.drop());

  it('serve, migrate and exit with 0', () => {
    expect(done.map(({ command }) => command)).toEqual(
      expect.arrayContaining(['npm start', 'npm run release', 'npx nest-migrate status']),
    );
    expect(done.filter(({ exitCode }) => exitCode !== 0 && exitCode !== null)).toEqual([]);
  });

  it('are answered as the remarks beside them say', () => {
    const asked = done.filter(({ command }) => command.startsWith('curl'));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter(({ remark, stdout }) => !answersAs(remark, stdout))).toEqual([]);
  });

  it('show that all is applied', () => {
    const status = done.find(({ command }) => command === 'npx nest-migrate status');
    expect(status?.stdout).toContain('applied, 0 pending');
  });
});
