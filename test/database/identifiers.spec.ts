import { describe, expect, it } from '@jest/globals';
import { placeholder, qualify, quoteIdentifier } from '../../src/database/identifiers.js';

describe('identifiers', () => {
  it.each([
    ['postgresql', 'orders', '"orders"'],
    ['postgresql', 'a"b', '"a""b"'],
    ['postgresql', 'ü'.repeat(31), `"${'ü'.repeat(31)}"`],
    ['mysql', 'orders', '`orders`'],
    ['mysql', 'a`b', '`a``b`'],
    ['mysql', 'ü'.repeat(64), `\`${'ü'.repeat(64)}\``],
  ] as const)('%s quotes %s', (dialect, name, quoted) => {
    expect(quoteIdentifier(dialect, name)).toBe(quoted);
  });

  it.each([
    ['postgresql', ''],
    ['postgresql', 'a\0b'],
    ['postgresql', 'a'.repeat(64)],
    ['postgresql', 'ü'.repeat(32)], // 64 bytes: the server would cut it
    ['mysql', ''],
    ['mysql', 'a\0b'],
    ['mysql', 'a'.repeat(65)],
    ['mysql', '\u{1F600}'],
    ['mysql', 'a '],
  ] as const)('%s refuses %j', (dialect, name) => {
    expect(() => quoteIdentifier(dialect, name)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    );
  });

  it('qualifies with a schema, or leaves it to the session', () => {
    expect(qualify('postgresql', 'drizzle', 't')).toBe('"drizzle"."t"');
    expect(qualify('postgresql', null, 't')).toBe('"t"');
    expect(qualify('mysql', 'db', 't')).toBe('`db`.`t`');
  });

  it('writes placeholders', () => {
    expect([placeholder('postgresql', 3), placeholder('mysql', 3)]).toEqual(['$3', '?']);
  });
});
