import {
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core';

export const orderStatus = pgEnum('order_status', ['placed', 'paid', 'shipped']);

export const products = pgTable('products', {
  sku: varchar({ length: 32 }).primaryKey(),
  title: text().notNull(),
  priceCents: integer('price_cents').notNull(),
});

export const orders = pgTable(
  'orders',
  {
    id: serial().primaryKey(),
    customer: text().notNull(),
    status: orderStatus().notNull().default('placed'),
    placedAt: timestamp('placed_at', { withTimezone: true }).notNull().defaultNow(),
    paidAt: timestamp('paid_at', { withTimezone: true }),
    note: text(),
    channel: varchar({ length: 16 }),
  },
  (order) => [index('orders_customer_placed_at_idx').on(order.customer, order.placedAt)],
);

export const orderLines = pgTable(
  'order_lines',
  {
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    sku: varchar({ length: 32 })
      .notNull()
      .references(() => products.sku),
    quantity: integer().notNull(),
    unitPriceCents: integer('unit_price_cents').notNull(),
  },
  (line) => [primaryKey({ columns: [line.orderId, line.sku] })],
);
