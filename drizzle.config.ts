import { defineConfig } from 'drizzle-kit';

/*
 * For the library's own bookkeeping tables (drizzle/), not for any user's. After a change of src/ledger/schema.*.ts:
 *   npx drizzle-kit generate --name <what changed>; DIALECT=mysql npx drizzle-kit generate --name <what changed>
 */
const dialect = process.env['DIALECT'] === 'mysql' ? 'mysql' : 'postgresql';

export default defineConfig({
  dialect,
  schema: `./src/ledger/schema.${dialect}.ts`,
  out: `./drizzle/${dialect}`,
});
