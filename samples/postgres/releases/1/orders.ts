import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Order, OrdersApplication } from '../../../demo/rolling/application.js';
import { orders } from './schema.js';

/** Release 1 writes `note`, and says nothing of the channel where it is the web. */
export function openOrders(url: string): OrdersApplication {
  const client = new pg.Pool({ connectionString: url });
  const database = drizzle({ client });
  return {
    async place(placed) {
      await database.insert(orders).values(
        placed.map(({ customer, text, channel }) => ({
          customer,
          note: text,
          channel: channel === 'web' ? null : channel,
        })),
      );
    },
    async change(customer, text) {
      await database.update(orders).set({ note: text }).where(eq(orders.customer, customer));
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
  return { customer: order.customer, text: order.note, channel: order.channel ?? 'web' };
}
