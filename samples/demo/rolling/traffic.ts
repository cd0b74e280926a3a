import type { Order } from './application.js';
import type { Release } from './release.js';

const LANES = 4;
/** Between two requests of a lane: a release job on the same machine wants to get on as well. */
const PAUSE_MS = 5;
/** Enough to understand what is wrong; more would only take longer. */
const ENOUGH_PROBLEMS = 10;
const CHANNELS = ['web', 'shop', 'phone'] as const;

/** What happened since the last look. */
export interface Tally {
  /** Writes by the release that made them. */
  readonly writes: ReadonlyMap<number, number>;
  readonly reads: number;
  readonly errors: number;
  readonly differences: number;
}

/**
 * Writes and reads without a pause, through whichever releases serve, and knows what has to come of it.
 *
 * An order belongs to one lane, and a lane does one thing after the other: so each read has one right answer, whichever release wrote
 * and whichever reads.
 */
export class Traffic {
  /** What every order has to be. */
  readonly expected = new Map<string, Order>();
  /** Errors and differences in words. */
  readonly problems: string[] = [];
  private serving: readonly Release[] = [];
  /** Who serves the orders placed since it came, and those orders. */
  private early: readonly Release[] = [];
  private readonly placedSince = new Set<string>();
  private readonly running = new Map<Release, Set<Promise<void>>>();
  private tally = emptyTally();
  private readonly stopping = new AbortController();
  private lanes: readonly Promise<void>[] = [];
  private readonly watchers = new Set<() => void>();

  /** Many orders at once, which are there before the traffic begins. */
  async seed(release: Release, count: number): Promise<void> {
    const orders = Array.from({ length: count }, (_, index) =>
      newOrder(index % LANES, `s${index}`),
    );
    for (let from = 0; from < count; from += 1_000)
      await release.place(orders.slice(from, from + 1_000));
    for (const order of orders) this.expected.set(order.customer, order);
  }

  /** Begins, with this release serving; ends by {@link stop} or the signal. */
  start(release: Release, signal: AbortSignal): void {
    this.serving = [release];
    const ending = AbortSignal.any([signal, this.stopping.signal]);
    this.lanes = Array.from({ length: LANES }, (_, lane) => this.lane(lane, ending));
  }

  /** A release serves the orders that are placed from now on, and not yet those that are waiting for their backfill. */
  addEarly(release: Release): void {
    this.early = [release];
    this.placedSince.clear();
  }

  /** A release serves all orders from now on. */
  add(release: Release): void {
    this.early = this.early.filter((one) => one !== release);
    this.serving = [...this.serving, release];
  }

  /** A release gets no more requests; resolves when it has answered all that it had. */
  async remove(release: Release): Promise<void> {
    this.serving = this.serving.filter((one) => one !== release);
    await Promise.all([...(this.running.get(release) ?? new Set<Promise<void>>())]);
  }

  /** Resolves when each of the releases that serve has written this often since the last {@link take}. */
  async written(count: number, signal: AbortSignal): Promise<void> {
    while (this.serving.some(({ number }) => (this.tally.writes.get(number) ?? 0) < count)) {
      signal.throwIfAborted();
      if (this.problems.length >= ENOUGH_PROBLEMS) return;
      await new Promise<void>((resolve) => this.watchers.add(resolve));
    }
  }

  /** What happened since the last call. */
  take(): Tally {
    const taken = this.tally;
    this.tally = emptyTally();
    return taken;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.lanes);
  }

  /** Holds every order against what it has to be, through this release. */
  async compare(release: Release): Promise<void> {
    const found = new Map((await release.all()).map((order) => [order.customer, order]));
    for (const customer of new Set([...this.expected.keys(), ...found.keys()]))
      this.check(release, customer, found.get(customer));
  }

  private async lane(lane: number, ending: AbortSignal): Promise<void> {
    const own = [...this.expected.keys()].filter((customer) => customer.startsWith(`${lane}-`));
    for (let turn = 0; !ending.aborted && this.problems.length < ENOUGH_PROBLEMS; turn += 1) {
      await new Promise((next) => setTimeout(next, PAUSE_MS));
      const changed = turn % 2 === 0 ? undefined : own[Math.floor(Math.random() * own.length)];
      const customer = changed ?? (await this.place(lane, turn));
      if (changed === undefined) own.push(customer);
      else await this.change(customer);
      const reader = this.choose(customer);
      await this.watched(reader, async () => {
        const found = await reader.find(customer);
        this.tally.reads += 1;
        this.check(reader, customer, found);
      });
    }
  }

  private async place(lane: number, turn: number): Promise<string> {
    const order = newOrder(lane, `n${turn}`);
    this.placedSince.add(order.customer);
    const writer = this.choose(order.customer);
    await this.write(writer, order, () => writer.place([order]));
    return order.customer;
  }

  private async change(customer: string): Promise<void> {
    const before = this.expected.get(customer);
    if (before === undefined) return; // an order that could not be placed, which is counted as an error
    const text = newText(customer);
    const writer = this.choose(customer);
    await this.write(writer, { ...before, text }, () => writer.change(customer, text));
  }

  private choose(customer: string): Release {
    const able = this.placedSince.has(customer) ? [...this.serving, ...this.early] : this.serving;
    const chosen = able[Math.floor(Math.random() * able.length)];
    if (chosen === undefined) throw new Error('No release serves');
    return chosen;
  }

  private async write(release: Release, order: Order, work: () => Promise<void>): Promise<void> {
    await this.watched(release, async () => {
      await work();
      this.expected.set(order.customer, order);
      this.tally.writes.set(release.number, (this.tally.writes.get(release.number) ?? 0) + 1);
    });
    for (const look of this.watchers) look();
    this.watchers.clear();
  }

  private check(release: Release, customer: string, found: Order | undefined): void {
    const wanted = this.expected.get(customer);
    if (found?.text === wanted?.text && found?.channel === wanted?.channel) return;
    this.tally.differences += 1;
    this.problems.push(
      `order ${customer}, read by release ${release.number}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`,
    );
  }

  private async watched(release: Release, work: () => Promise<void>): Promise<void> {
    const mine = this.running.get(release) ?? new Set<Promise<void>>();
    this.running.set(release, mine);
    const running = work().catch((error: Error) => {
      this.tally.errors += 1;
      this.problems.push(`release ${release.number}: ${error.message}`);
      for (const look of this.watchers) look();
    });
    mine.add(running);
    await running;
    mine.delete(running);
  }
}

function emptyTally() {
  return { writes: new Map<number, number>(), reads: 0, errors: 0, differences: 0 };
}

function newOrder(lane: number, name: string): Order {
  const customer = `${lane}-${name}`;
  const channel = CHANNELS[Math.floor(Math.random() * CHANNELS.length)] ?? 'web';
  return { customer, text: newText(customer), channel };
}

/** Now and then none: NULL is a value as any other. */
function newText(customer: string): string | null {
  return Math.random() < 0.1 ? null : `${customer} ${Math.random().toString(36).slice(2)}`;
}
