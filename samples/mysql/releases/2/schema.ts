import {
  datetime,
  index,
  int,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  timestamp,
  varchar,
} from 'drizzle-orm/mysql-core';

export const products = mysqlTable('products', {
  sku: varchar({ length: 32 }).primaryKey(),
  title: varchar({ length: 200 }).notNull(),
  priceCents: int('price_cents').notNull(),
});

/**
 * What the application of this release reads and writes (`orders.ts`). Drizzle names every declared column in its INSERTs, so the one that
 * the next release drops is not among them: else this release would fail in the moment it goes.
 */
export const orderColumns = {
  id: int().autoincrement().primaryKey(),
  customer: varchar({ length: 100 }).notNull(),
  status: mysqlEnum(['placed', 'paid', 'shipped']).notNull().default('placed'),
  placedAt: timestamp('placed_at').notNull().defaultNow(),
  paidAt: datetime('paid_at'),
  totalCents: int('total_cents').notNull().default(0),
  comment: varchar({ length: 500 }),
  channel: varchar({ length: 16 }),
};

/** What is in the database until release 3. For Drizzle Kit. */
export const orders = mysqlTable(
  'orders',
  { ...orderColumns, note: varchar({ length: 500 }) },
  (order) => [index('orders_customer_placed_at_idx').on(order.customer, order.placedAt)],
);

export const orderLines = mysqlTable(
  'order_lines',
  {
    orderId: int('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    sku: varchar({ length: 32 })
      .notNull()
      .references(() => products.sku),
    quantity: int().notNull(),
    unitPriceCents: int('unit_price_cents').notNull(),
  },
  (line) => [primaryKey({ columns: [line.orderId, line.sku] })],
);
