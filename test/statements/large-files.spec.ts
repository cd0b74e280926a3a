import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readStatements } from '../../src/statements/read-statements.js';
import type { Dialect } from '../../src/statements/statement.js';

const MEGABYTE = 1024 * 1024;

/** CPU time is what the code costs; the clock also counts what other test files do meanwhile. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe.each<Dialect>(['postgresql', 'mysql'])('large files on %s', (dialect) => {
  test.each([
    ['a literal', `insert into a values ('${'x\n'.repeat(10 * MEGABYTE)}')`],
    ['a literal full of quotes', `insert into a values ('${"''".repeat(2 * MEGABYTE)}')`],
    ['a comment', `/*${' * /'.repeat(MEGABYTE)} */ select 1`],
    ['a line comment', `-- ${'x'.repeat(20 * MEGABYTE)}\nselect 1`],
    ['white space', `${' '.repeat(20 * MEGABYTE)}select 1`],
    ['operators', `select ${'+'.repeat(MEGABYTE)}1`],
    ['parentheses', `select ${'('.repeat(MEGABYTE / 4)}${')'.repeat(MEGABYTE / 4)}`],
  ])('%s is one statement', (_, text) => {
    let count = 0;
    const spent = cpuMs(() => {
      count = readStatements(text, dialect).statements.length;
    });
    expect(count).toBe(1);
    expect(spent).toBeLessThan(10_000);
  });

  test('time grows with the number of statements, not faster', () => {
    const line = "INSERT INTO users (id, name) VALUES (1, 'abc; def') ON CONFLICT DO NOTHING;\n";
    const read = (count: number): number =>
      cpuMs(() =>
        expect(readStatements(line.repeat(count), dialect).statements).toHaveLength(count),
      );
    read(2_000);
    const small = Math.max(read(4_000), 10);
    expect(read(40_000)).toBeLessThan(small * 40);
  });
});

test('nesting costs no stack on Postgres', () => {
  const depth = MEGABYTE;
  const text = `${'/*'.repeat(depth)}${'*/'.repeat(depth)} select ${'$a$;$a$ || '.repeat(20_000)} ''`;
  expect(readStatements(text, 'postgresql').statements).toHaveLength(1);
});

describe('where V8 compiles regular expressions without optimization, as it does once a process has much code', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true }));

  test('a folder with literals, white space and comments of many megabytes is read', async () => {
    folder = await mkdtemp(join(tmpdir(), 'large-'));
    await mkdir(join(folder, 'meta'));
    const entry = { idx: 0, version: '7', when: 1, tag: '0000_large', breakpoints: true };
    await writeFile(
      join(folder, 'meta/_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry] }),
    );
    const long = 20 * MEGABYTE;
    await writeFile(
      join(folder, '0000_large.sql'),
      `-- @irreversible test\ncreate table a (t text);${' '.repeat(long)}insert into a values ('${'x'.repeat(long)}'); /*${'y'.repeat(long)}*/`,
    );
    const command = ['dist/cli/main.js', 'lint', '--all', '--json'];
    const where = ['--migrations', folder, '--dialect', 'postgresql'];
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--no-regexp-optimization', ...command, ...where],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      result: { migrations: [{ tag: '0000_large' }] },
    });
  });
});
