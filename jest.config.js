import { availableParallelism } from 'node:os';

/** Matrices that take the longest: `npm run test:versions` runs them, with every version of every database. */
const LONG = [
  'test/backfill/(?:an-operator-has-the-last-word|by-the-key|keys-of-all-kinds|pglite|the-bound|the-throttle)',
  'test/bad-input/servers-that-refuse',
  'test/journals/(?:beyond-stock|production-folders)',
  'test/migrator/(?:phases-beside-a-locked-table|roles-from-before-operations|rows-left-between-phases)',
  'test/operations/(?:mysql-change-type|mysql-tighten|postgres-end-state)',
  'test/run/a-killed-runner-is-continued',
  'test/statements/large-files',
  'test/testing/(?:idempotent-backfill|schema-description)',
].map((spec) => `<rootDir>/${spec}\\.spec\\.ts$`);

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/samples'],
  testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/samples/*/test/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/faults/',
    '<rootDir>/test/package/',
    ...(process.env['TEST_EVERY_VERSION'] === 'yes' ? [] : LONG),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  globalSetup: '<rootDir>/test/servers/global-setup.js',
  globalTeardown: '<rootDir>/test/servers/global-teardown.js',
  // Jest's own default is one less than the processors: a single worker on two. Specs mostly wait for servers, so twice as many as processors.
  maxWorkers: 2 * availableParallelism(),
  reporters: ['default', '<rootDir>/test/reporters/still-running.js'],
  testTimeout: 60_000,
};
