// The last release is the application itself.
export * from '../../src/database/schema.js';
