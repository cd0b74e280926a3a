// A worker of somebody's test run: makes a database, looks whether it has the tables, and drops it. No test runner is loaded.
import { createTestDatabase } from '../../../dist/testing/index.js';

const [url, migrations] = process.argv.slice(2);
const database = await createTestDatabase({ url, migrations });
const { counts } = await database.migrator.status();
await database.drop();
process.exitCode = counts.applied === 2 && counts.pending === 0 ? 0 : 1;
