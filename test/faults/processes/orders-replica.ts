/** A replica of one release: orders-replica.ts <orders.ts> <folder> <port> <build> <dialect> <operations.ts or ->. Ends with SIGTERM. */
import { createServer, type IncomingMessage } from 'node:http';
import { pathToFileURL } from 'node:url';
import { createMigrator, type Operation } from 'nestjs-drizzle-migrator';
import type { Order, OrdersApplication } from '../../../samples/demo/rolling/application.js';

const [, , file = '', migrations = '', port, build = '', dialect, operationsFile = '-'] =
  process.argv;
const url = process.env['DATABASE_URL'] ?? '';
const { openOrders } = (await import(pathToFileURL(file).href)) as {
  readonly openOrders: (url: string) => OrdersApplication;
};
const { operations = [] } = (
  operationsFile === '-' ? {} : await import(pathToFileURL(operationsFile).href)
) as { readonly operations?: readonly Operation[] };
const orders = openOrders(url);
const migrator = createMigrator({
  database: { dialect: dialect === 'mysql' ? 'mysql' : 'postgresql', url },
  migrations,
  operations,
  build,
  fleet: { service: 'orders' },
});
migrator.readiness.start();

const server = createServer((request, response) => {
  answer(request).then(
    ([status, body]) => response.writeHead(status).end(JSON.stringify(body)),
    ({ message, cause }: Error) =>
      response.writeHead(500).end(JSON.stringify(cause instanceof Error ? cause.message : message)),
  );
});
server.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
process.once('SIGTERM', () => {
  server.close(() => void goodbye());
  server.closeIdleConnections();
});

async function goodbye(): Promise<void> {
  await migrator.close();
  await orders.close();
  process.disconnect?.();
}

async function answer(request: IncomingMessage): Promise<readonly [status: number, body: unknown]> {
  if (request.url === '/health/ready') {
    const { state, reasons } = migrator.readiness.current();
    return [state === 'down' ? 503 : 200, { state, reasons }];
  }
  if (request.method === 'POST') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    await orders.place([JSON.parse(Buffer.concat(parts).toString()) as Order]);
    return [201, null];
  }
  const customer = decodeURIComponent((request.url ?? '').slice('/orders/'.length));
  const found = await orders.find(customer);
  return found === undefined ? [404, null] : [200, found];
}
