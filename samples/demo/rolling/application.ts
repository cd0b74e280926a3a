/** An order, in words that no release changes. */
export interface Order {
  /** One order each, so that it names the order. */
  readonly customer: string;
  /** What release 1 calls the note, and release 2 the comment. */
  readonly text: string | null;
  readonly channel: string;
}

/** What a release's application does with orders: `releases/<n>/orders.ts` of a sample. */
export interface OrdersApplication {
  place(orders: readonly Order[]): Promise<void>;
  change(customer: string, text: string | null): Promise<void>;
  find(customer: string): Promise<Order | undefined>;
  all(): Promise<readonly Order[]>;
  close(): Promise<void>;
}

/** A call to the process of a release, over its IPC channel. */
export type Call = { readonly id: number } & (
  | { readonly method: 'place'; readonly args: readonly [orders: readonly Order[]] }
  | { readonly method: 'change'; readonly args: readonly [customer: string, text: string | null] }
  | { readonly method: 'find'; readonly args: readonly [customer: string] }
  | { readonly method: 'all'; readonly args: readonly [] }
);

/** The answer to the call of the same id. */
export interface Answer {
  readonly id: number;
  readonly result?: Order | readonly Order[];
  readonly error?: string;
}
