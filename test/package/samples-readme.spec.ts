import { answersAs, followReadme, type Done } from '../samples/readme.js';
import { servers, type TestDatabase } from '../servers/index.js';

/** Two builds, a rollout of three releases: more than a spec has by itself, on a machine that does other things as well. */
const READING_MS = 150_000;

describe.each([
  ['postgres', 'postgres18'],
  ['mysql', 'mysql'],
] as const)('the commands of the README of the %s sample', (sample, server) => {
  let database: TestDatabase;
  let done: readonly Done[];

  beforeAll(async () => {
    database = await (await servers[server]()).createDatabase();
    done = await followReadme(sample, database.url);
  }, READING_MS);
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

  it('roll three releases out without an error and without a difference', () => {
    const rolled = done.find(({ command }) => command === 'npm run demo:rolling');
    const rows = (rolled?.stdout ?? '').split('\n').filter((line) => /^│ \w/.test(line));
    const cells = rows.map((line) => line.split('│').map((cell) => cell.trim()));
    expect(cells.map(([, step = '']) => step.replaceAll(/,.*|\d{4,} /g, ''))).toEqual([
      'release 1',
      'release job 2',
      'releases 1 and 2',
      'release job 3',
      'releases 2 and 3',
      'all orders',
    ]);
    expect(cells.map((row) => row.slice(-3, -1))).toEqual(cells.map(() => ['0', '0']));
    // Old and new at once, in either window.
    const written = cells.map((row) => row.slice(2, 5).map(Number));
    expect(Math.min(...(written[2] ?? []).slice(0, 2))).toBeGreaterThan(100);
    expect(written[3]?.[1]).toBeGreaterThan(0);
    expect(Math.min(...(written[4] ?? []).slice(1))).toBeGreaterThan(100);
  });

  it('show that all is applied', () => {
    const status = done.find(({ command }) => command === 'npx nest-migrate status');
    expect(status?.stdout).toContain('applied, 0 pending');
  });
});
