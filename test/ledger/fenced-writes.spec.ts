import { withTransaction } from '../../src/database/with-transaction.js';
import type { Attempt } from '../../src/ledger/ledger.js';
import type { LedgerWriter, MigrationFacts } from '../../src/ledger/ledger-writer.js';
import { readLedger } from '../../src/ledger/read-ledger.js';
import { databases } from '../servers/index.js';
import { ledgerWorld, type LedgerWorld } from './ledger-world.js';

const FACTS: MigrationFacts = {
  tag: "0000_it's 日本 \\ ?",
  fileChecksum: 'f'.repeat(64),
  tokenChecksum: 'e'.repeat(64),
  createdAtMs: 1_767_225_600_123,
  impact: 'breaking',
  requires: '0000_it',
  statements: 3,
  detail: { withoutCoordinator: true },
};

describe.each(databases)('what a run writes on $name', (version) => {
  let world: LedgerWorld;
  const prefix = version.dialect === 'mysql' ? '' : 'drizzle.';

  beforeEach(async () => {
    world = await ledgerWorld(version);
  });
  afterEach(() => world.drop());

  const read = () => world.withSession((session) => readLedger(session, world.location));
  const attempts = async (): Promise<readonly Attempt[]> => (await read()).attempts;
  const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  it('is read back as it was written, from the first statement to the ledger row', async () => {
    await world.asRunner(async (writer, { session, fence, holder }) => {
      const id = await writer.begin(FACTS, { cursor: 0, inFlight: 0, digest: 'd'.repeat(64) });
      expect(await attempts()).toEqual([
        {
          id,
          kind: 'migration',
          tag: FACTS.tag,
          fileChecksum: FACTS.fileChecksum,
          tokenChecksum: FACTS.tokenChecksum,
          createdAtMs: FACTS.createdAtMs,
          impact: 'breaking',
          requires: '0000_it',
          state: 'running',
          statements: 3,
          statementCursor: 0,
          inFlight: 0,
          objectsDigest: 'd'.repeat(64),
          fence,
          runner: holder.id,
          build: 'build-1',
          actor: 'test',
          startedAt: ISO,
          finishedAt: null,
          errorCode: null,
          reason: null,
          resolution: null,
          stepDigests: null,
        },
      ]);
      await writer.advance(id, { cursor: 1, inFlight: null, digest: null });
      // The same again must not look like a lost fence: MySQL may count changed rows only.
      await writer.advance(id, { cursor: 1, inFlight: null, digest: null });
      expect(await attempts()).toMatchObject([
        { state: 'running', statementCursor: 1, inFlight: null, objectsDigest: null },
      ]);
      await withTransaction(session, {}, () => writer.complete(id, FACTS));
    });
    expect(await read()).toMatchObject({
      rows: [{ hash: FACTS.fileChecksum, createdAt: String(FACTS.createdAtMs), name: null }],
      attempts: [{ state: 'done', statementCursor: 3, finishedAt: ISO }],
    });
  });

  it('records a migration that was one transaction, as begun with it', async () => {
    let began: string | undefined;
    await world.asRunner((writer, { session }) =>
      withTransaction(session, {}, async () => {
        if (version.dialect === 'postgresql') {
          const [row] = await session.query<{ began: string }>(
            'SELECT round(extract(epoch FROM transaction_timestamp()) * 1000)::text AS began',
          );
          began = row?.began;
        }
        await writer.record(FACTS);
      }),
    );
    const {
      rows,
      attempts: [attempt],
    } = await read();
    expect(rows).toHaveLength(1);
    expect(attempt).toMatchObject({ state: 'done', statementCursor: 3, inFlight: null });
    // InnoDB does not tell when a transaction began; no run of ours records one there without announcing it.
    expect(String(Date.parse(attempt?.startedAt ?? ''))).toBe(
      began ?? String(Date.parse(attempt?.finishedAt ?? '')),
    );
  });

  it('records a failure, announced before or not', async () => {
    await world.asRunner(async (writer) => {
      const id = await writer.begin(FACTS, { cursor: 2, inFlight: null, digest: null });
      expect(await writer.fail(id, 'failed', 'MIGRATION_FAILED')).toBe(true);
      const other = { ...FACTS, tag: '0001' };
      expect(await writer.recordFailure(other, 'interrupted', 'INTERRUPTED_SIGTERM', 5)).toBe(true);
    });
    expect(await attempts()).toMatchObject([
      { state: 'failed', statementCursor: 2, errorCode: 'MIGRATION_FAILED', finishedAt: ISO },
      { tag: '0001', state: 'interrupted', statementCursor: 0, errorCode: 'INTERRUPTED_SIGTERM' },
    ]);
    expect((await read()).rows).toEqual([]);
  });

  it('shows the latest attempt of a tag, and every baseline and repair', async () => {
    await world.asRunner(async (writer, { session }) => {
      for (let index = 0; index < 3; index += 1) {
        const id = await writer.begin(FACTS, { cursor: index, inFlight: index, digest: null });
        await writer.fail(id, 'failed', 'MIGRATION_FAILED');
      }
      await withTransaction(session, {}, () =>
        writer.baseline({ ...FACTS, tag: '0001' }, 'moved in'),
      );
      const repair = { ...FACTS, reason: 'looked', inFlight: 2 };
      await writer.repair({ ...repair, resolution: 'applied', cursor: 3 }, false);
      await withTransaction(session, {}, () =>
        writer.repair(
          { ...repair, resolution: 'accept-checksum', inFlight: null, cursor: 0 },
          true,
        ),
      );
    });
    expect(await attempts()).toMatchObject([
      { kind: 'migration', statementCursor: 2 },
      { kind: 'baseline', tag: '0001', state: 'done', reason: 'moved in', resolution: null },
      { kind: 'repair', inFlight: 2, statementCursor: 3, reason: 'looked', resolution: 'applied' },
      { kind: 'repair', inFlight: null, resolution: 'accept-checksum' },
    ]);
    expect((await read()).rows).toHaveLength(2);
  });

  it('marks what an older fence left running as interrupted, and nothing else', async () => {
    await world.asRunner(async (writer) => {
      await writer.begin(FACTS, { cursor: 1, inFlight: 1, digest: null });
      const done = await writer.begin(
        { ...FACTS, tag: '0001' },
        { cursor: 0, inFlight: null, digest: null },
      );
      await writer.fail(done, 'failed', 'MIGRATION_FAILED');
      expect(await writer.interruptStale()).toBe(0);
    });
    await world.asRunner(async (writer, { session }) => {
      await writer.begin({ ...FACTS, tag: '0002' }, { cursor: 0, inFlight: null, digest: null });
      expect(await withTransaction(session, {}, () => writer.interruptStale())).toBe(1);
    });
    expect(await attempts()).toMatchObject([
      { tag: FACTS.tag, state: 'interrupted', statementCursor: 1, inFlight: 1, finishedAt: ISO },
      { tag: '0001', state: 'failed' },
      { tag: '0002', state: 'running', fence: '2' },
    ]);
  });

  it('is refused in every form once another runner has taken over', async () => {
    const id = await world.asRunner((writer) =>
      writer.begin(FACTS, { cursor: 0, inFlight: null, digest: null }),
    );
    await world.asRunner(async (writer, { session }) => {
      // What an unlock or a takeover does to a runner that still believes it is one.
      await world.admin.query(
        `update ${prefix}migration_lock set fence = fence + 1 where scope like '%drizzle_migrations' and part = 'fence'`,
      );
      const inTransaction = (write: () => Promise<void>) => withTransaction(session, {}, write);
      const writes: readonly ((writer: LedgerWriter) => Promise<unknown>)[] = [
        (one) => one.begin(FACTS, { cursor: 0, inFlight: null, digest: null }),
        (one) => one.advance(id, { cursor: 2, inFlight: null, digest: null }),
        (one) => inTransaction(() => one.complete(id, FACTS)),
        (one) => inTransaction(() => one.record(FACTS)),
        (one) => inTransaction(() => one.baseline(FACTS, null)),
        (one) => one.interruptStale(),
        (one) =>
          inTransaction(() =>
            one.repair(
              { ...FACTS, reason: 'r', resolution: 'applied', inFlight: null, cursor: 0 },
              true,
            ),
          ),
      ];
      for (const write of writes)
        await expect(write(writer)).rejects.toMatchObject({ code: 'FENCED' });
      expect(await writer.fail(id, 'failed', 'MIGRATION_FAILED')).toBe(false);
      expect(await writer.recordFailure(FACTS, 'failed', 'MIGRATION_FAILED', 1)).toBe(false);
    });
    const after = await read();
    expect(after.rows).toEqual([]);
    expect(after.attempts).toMatchObject([{ id, state: 'running', statementCursor: 0 }]);
  });
});
