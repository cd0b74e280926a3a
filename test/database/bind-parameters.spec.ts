import { describe, expect, it } from '@jest/globals';
import { bindParameters } from '../../src/database/mysql/bind-parameters.js';
import { createDatabase } from '../../src/database/create-database.js';
import { servers } from '../servers/index.js';

describe('parameters of the text protocol', () => {
  it.each([
    ['SELECT ?', ['plain'], "SELECT 'plain'"],
    ['SELECT ?', ["it's"], "SELECT _utf8mb4 X'69742773'"],
    ['SELECT ?', ['\\'], "SELECT _utf8mb4 X'5c'"],
    ['SELECT ?, ?', [1.5, 2n], 'SELECT 1.5, 2'],
    ['SELECT ?, ?, ?', [null, undefined, Number.NaN], 'SELECT NULL, NULL, NULL'],
    ['SELECT ?, ?', [true, false], 'SELECT TRUE, FALSE'],
    ['SELECT ?', [Buffer.from([0, 255])], "SELECT X'00ff'"],
    ['WHERE a IN (?)', [['x', 'y']], "WHERE a IN ('x', 'y')"],
    ['SELECT ?', [{ a: 1 }], `SELECT '{"a":1}'`],
    [
      `SELECT '?', "?", \`?\`, ? -- ?\n# ?\n/* ? */`,
      [1],
      `SELECT '?', "?", \`?\`, 1 -- ?\n# ?\n/* ? */`,
    ],
  ])('%s', (sql, values, bound) => {
    expect(bindParameters(sql, values)).toBe(bound);
  });

  it('must be as many as the placeholders', () => {
    expect(() => bindParameters('SELECT ?', [])).toThrow('1 placeholders and got 0');
    expect(() => bindParameters('SELECT ?', [1, 2])).toThrow('1 placeholders and got 2');
  });

  it.each(['mysql', 'mariadb'] as const)(
    'mean the same under every sql_mode of %s',
    async (server) => {
      const test = await (await servers[server]()).createDatabase();
      const session = await createDatabase({ dialect: 'mysql', url: test.url }).connect({
        role: 'runner',
      });
      const value = `x' OR '1'='1 \\' \\\\ " \n \0 \u{1F600}`;
      await session.execute('CREATE TABLE j (v json)');
      for (const mode of ['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', 'ANSI']) {
        await session.query('SET SESSION sql_mode = ?', [mode]);
        expect(await session.query('SELECT ? AS v', [value])).toEqual([{ v: value }]);
        await session.query('INSERT INTO j VALUES (?)', [JSON.stringify({ value })]);
      }
      const rows = await session.query<{ v: string }>('SELECT CAST(v AS CHAR) AS v FROM j');
      expect(rows.map(({ v }) => (JSON.parse(v) as { value: string }).value)).toEqual(
        Array(4).fill(value),
      );
      await session.close();
      await test.drop();
    },
  );
});
