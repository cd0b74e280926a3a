import { BadRequestException } from '@nestjs/common';

/** What a customer sends. */
export interface NewOrder {
  readonly customer: string;
  readonly comment?: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** Checks a request's body. */
export function parseNewOrder(body: unknown): NewOrder {
  const order = body as Partial<NewOrder> | null;
  const valid =
    typeof order?.customer === 'string' &&
    (order.comment === undefined || typeof order.comment === 'string') &&
    Array.isArray(order.lines) &&
    order.lines.length > 0 &&
    order.lines.every(
      (line: unknown) =>
        typeof (line as { sku?: unknown } | null)?.sku === 'string' &&
        Number.isInteger((line as { quantity?: unknown }).quantity) &&
        Number((line as { quantity?: unknown }).quantity) > 0,
    );
  if (!valid)
    throw new BadRequestException('an order has a customer and lines of sku and quantity');
  return order as NewOrder;
}
