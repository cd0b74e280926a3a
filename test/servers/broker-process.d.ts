/** Types of broker-process.js for the TypeScript that starts a broker itself. */
export declare class Broker {
  readonly run: string;
  readonly address: string;
  listen(): Promise<void>;
  isProvisioned(): boolean;
  ask(question: import('./broker-client.js').BrokerQuestion): Promise<string>;
  end(): Promise<void>;
}
