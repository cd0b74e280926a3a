import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Call, Order, OrdersApplication } from './application.js';

type CallOf<Method extends Call['method']> = Extract<Call, { method: Method }>['args'];

/** A release's application in a process of its own. */
export class Release implements OrdersApplication {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;

  private constructor(
    readonly number: number,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer));
    child.once('exit', () => {
      for (const [id, answer] of this.waiting) answer({ id, error: 'the process has ended' });
    });
  }

  /** Resolves when it can be called; it has not asked the database anything yet. */
  static async start(sample: string, number: number, databaseUrl: string): Promise<Release> {
    const child = fork(
      fileURLToPath(new URL('serve.ts', import.meta.url)),
      [join(sample, 'releases', String(number), 'orders.ts')],
      {
        execArgv: ['--import', 'jiti/register'],
        env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: databaseUrl },
      },
    );
    const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [
      unknown,
    ];
    if (typeof first !== 'object') throw new Error(`Release ${number} did not start`);
    return new Release(number, child);
  }

  async place(...args: CallOf<'place'>): Promise<void> {
    await this.call('place', args);
  }

  async change(...args: CallOf<'change'>): Promise<void> {
    await this.call('change', args);
  }

  async find(...args: CallOf<'find'>): Promise<Order | undefined> {
    return (await this.call('find', args)) as Order | undefined;
  }

  async all(): Promise<readonly Order[]> {
    return (await this.call('all', [])) as readonly Order[];
  }

  /** Lets it end by itself, as a process that gets SIGTERM and finishes its requests. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await ended;
  }

  private async call(method: Call['method'], args: Call['args']): Promise<Answer['result']> {
    if (!this.child.connected) throw new Error('the process has ended');
    const id = ++this.calls;
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.child.send({ id, method, args });
    const { error, result } = await answered;
    this.waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return result;
  }
}
