import base from './jest.config.js';

/** The package as others get it: packed, installed from the registry beside other versions, and the samples as their reader builds them; one project at a time. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/package/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 240_000,
};
