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

export const orders = mysqlTable(
  'orders',
  {
    id: int().autoincrement().primaryKey(),
    customer: varchar({ length: 100 }).notNull(),
    status: mysqlEnum(['placed', 'paid', 'shipped']).notNull().default('placed'),
    placedAt: timestamp('placed_at').notNull().defaultNow(),
    paidAt: datetime('paid_at'),
    totalCents: int('total_cents').notNull().default(0),
    comment: varchar({ length: 500 }),
    channel: varchar({ length: 16 }).notNull(),
  },
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
