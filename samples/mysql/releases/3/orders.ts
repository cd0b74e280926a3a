import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/mysql2';
import { createPool } from 'mysql2/promise';
import type { Order, OrdersApplication } from '../../../demo/rolling/application.js';
import { orders } from './schema.js';

/** Release 3 has the schema that is left. */
export function openOrders(url: string): OrdersApplication {
  const client = createPool({ uri: url });
  const database = drizzle({ client });
  return {
    async place(placed) {
      await database
        .insert(orders)
        .values(
          placed.map(({ customer, text, channel }) => ({ customer, comment: text, channel })),
        );
    },
    async change(customer, text) {
      await database.update(orders).set({ comment: text }).where(eq(orders.customer, customer));
    },
    async find(customer) {
      const [order] = await database.select().from(orders).where(eq(orders.customer, customer));
      return order && neutral(order);
    },
    async all() {
      return (await database.select().from(orders)).map(neutral);
    },
    close: () => client.end(),
  };
}

function neutral(order: typeof orders.$inferSelect): Order {
  return { customer: order.customer, text: order.comment, channel: order.channel };
}
