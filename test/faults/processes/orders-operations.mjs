/** The operations of operations-run.ts, for whichever build of the library is asked: its sources, or dist/ in a process of its own. */
export function ordersOperations({ backfill, renameColumn, tightenNotNull }) {
  const rows = { ranges: 1 };
  return [
    renameColumn('rename', { table: 'orders', from: 'note', to: 'remark', backfill: rows }),
    tightenNotNull('not-null', {
      table: 'orders',
      column: 'total',
      repair: { total: '0' },
      backfill: rows,
    }),
    backfill('once', { table: 'orders', set: { visits: 'visits + 1' }, backfill: rows }),
  ];
}
