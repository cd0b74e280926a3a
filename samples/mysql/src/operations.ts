import { type Operation, renameColumn, tightenNotNull } from 'nestjs-drizzle-migrator';

/**
 * What the `-- @operation` lines in `drizzle/` name. By plain names, because schema.ts has `note` no more; while it has both, the table
 * itself can be given, and the compiler checks the columns. May go once every database is past release 3.
 */
export const operations: readonly Operation[] = [
  renameColumn('orders-comment', { table: 'orders', from: 'note', to: 'comment' }),
  tightenNotNull('orders-channel', {
    table: 'orders',
    column: 'channel',
    // Until release 2 nobody had to say where an order came from.
    repair: { channel: "'web'" },
  }),
];
