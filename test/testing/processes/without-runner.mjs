// For `node --test`: neither Jest nor Vitest is there, and a failed expectation is an error like any other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestDatabase, expectNoDrift, expectRoundTrip } from '../../../dist/testing/index.js';

const { KIT_URL: url, KIT_MIGRATIONS: migrations } = process.env;

void test('a database of its own', async () => {
  const database = await createTestDatabase({ url, migrations });
  try {
    assert.equal((await database.migrator.status()).counts.pending, 0);
  } finally {
    await database.drop();
  }
});

void test('an expectation that is not met', async () => {
  await assert.rejects(expectRoundTrip({ url, migrations, everyMigration: true }), {
    name: 'AssertionError',
    actual: ['0000_init', '0001_more'],
    expected: [],
  });
  await expectNoDrift({ schema: {}, dialect: 'postgresql', migrations });
});

void test('nothing of a test runner is loaded', () => {
  assert.equal(typeof globalThis.expect, 'undefined');
  assert.equal(typeof globalThis.describe, 'undefined');
});
