/** The process of one release: `serve.ts <releases/n/orders.ts>`. Does what comes over IPC, until whoever started it is gone. */
import { pathToFileURL } from 'node:url';
import type { Answer, Call, Order, OrdersApplication } from './application.js';

const [, , file = ''] = process.argv;
const { openOrders } = (await import(pathToFileURL(file).href)) as {
  readonly openOrders: (url: string) => OrdersApplication;
};
const orders = openOrders(process.env['DATABASE_URL'] ?? '');

process.on('message', (call: Call) => {
  // Whoever asked may be gone by now.
  void answer(call).then((it) => process.send?.(it, undefined, undefined, () => {}));
});
process.once('disconnect', () => void orders.close());
process.send?.({ id: 0 } satisfies Answer);

async function answer(call: Call): Promise<Answer> {
  try {
    const result = await carryOut(call);
    return { id: call.id, ...(result && { result }) };
  } catch (error) {
    const { message } = error instanceof Error ? ((error.cause as Error) ?? error) : {};
    return { id: call.id, error: message ?? String(error) };
  }
}

async function carryOut(call: Call): Promise<Order | readonly Order[] | void> {
  switch (call.method) {
    case 'place':
      return orders.place(...call.args);
    case 'change':
      return orders.change(...call.args);
    case 'find':
      return orders.find(...call.args);
    case 'all':
      return orders.all();
  }
}
