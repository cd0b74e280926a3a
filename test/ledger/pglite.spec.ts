import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { createDatabase } from '../../src/database/create-database.js';
import type { Session } from '../../src/database/database.js';
import { loadJournal } from '../../src/journal/load-journal.js';
import { bootstrap } from '../../src/ledger/bootstrap.js';
import { resolveLedgerLocation } from '../../src/ledger/location.js';
import { matchLedger } from '../../src/ledger/match-ledger.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { writeJournal, type WrittenJournal } from '../journals/write-journal.js';

describe('the ledger on PGlite', () => {
  let pglite: PGlite;
  let session: Session;
  let written: WrittenJournal;
  const location = resolveLedgerLocation('postgresql');

  beforeAll(async () => {
    pglite = await PGlite.create();
    written = await writeJournal([{ tag: '0000_init', sql: 'create table a (id int)' }]);
    session = await createDatabase({ dialect: 'postgresql', client: pglite }).connect({
      role: 'runner',
    });
  });
  afterAll(async () => {
    await session.close();
    await pglite.close();
    await written.remove();
  });

  it('is made by the bootstrap, read, and what stock wrote is matched', async () => {
    expect(await readLedger(session, location)).toMatchObject({ version: null, empty: true });
    await migrate(drizzle(pglite), { migrationsFolder: written.folder });
    expect(await bootstrap(session, location, { layout: 'journal' })).toMatchObject({
      changed: true,
      ledgerVersion: 'v0',
    });
    const { migrations } = loadJournal(written.folder);
    const snapshot = await readLedger(session, location);
    expect(snapshot).toMatchObject({ version: 'v0', bootstrapped: true, empty: false });
    expect(matchLedger(migrations, snapshot).entries).toMatchObject([{ verdict: 'applied' }]);
    expect((await readLedger(session, location, { expect: migrations })).rows).toMatchObject([
      { id: '', hash: migrations[0]?.checksum },
    ]);
  });
});
