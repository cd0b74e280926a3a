import { Inject, Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { DATABASE, type Database } from '../database/database.module.js';
import { orderLines, orders, products } from '../database/schema.js';
import type { NewOrder } from './new-order.js';

/** An order as the API shows it. */
export interface OrderView {
  readonly id: number;
  readonly customer: string;
  readonly status: 'placed' | 'paid' | 'shipped';
  readonly totalCents: number;
  readonly comment: string | null;
}

const view = {
  id: orders.id,
  customer: orders.customer,
  status: orders.status,
  totalCents: orders.totalCents,
  comment: orders.comment,
};

@Injectable()
export class OrdersRepository {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Places an order at today's prices; undefined when a product does not exist. */
  place(order: NewOrder): Promise<OrderView | undefined> {
    return this.database.transaction(async (tx) => {
      const skus = [...new Set(order.lines.map((line) => line.sku))];
      const known = await tx.select().from(products).where(inArray(products.sku, skus));
      const priceOf = new Map(known.map((product) => [product.sku, product.priceCents]));
      if (priceOf.size < skus.length) return undefined;

      const [{ insertId }] = await tx
        .insert(orders)
        .values({ customer: order.customer, comment: order.comment, channel: 'web' });
      await tx.insert(orderLines).values(
        order.lines.map(({ sku, quantity }) => ({
          orderId: insertId,
          sku,
          quantity,
          unitPriceCents: priceOf.get(sku) ?? 0,
        })),
      );
      // The trigger of migration 0004 has added up the total.
      const [created] = await tx.select(view).from(orders).where(eq(orders.id, insertId));
      return created;
    });
  }

  /** A customer's orders, newest first. */
  ofCustomer(customer: string): Promise<OrderView[]> {
    return this.database
      .select(view)
      .from(orders)
      .where(eq(orders.customer, customer))
      .orderBy(desc(orders.placedAt));
  }

  async find(id: number): Promise<OrderView | undefined> {
    const [order] = await this.database.select(view).from(orders).where(eq(orders.id, id));
    return order;
  }

  /** Marks an order as paid; false when there is none that waits for its payment. */
  async pay(id: number): Promise<boolean> {
    const [{ affectedRows }] = await this.database
      .update(orders)
      .set({ status: 'paid', paidAt: sql`now()` })
      .where(and(eq(orders.id, id), eq(orders.status, 'placed')));
    return affectedRows > 0;
  }
}
