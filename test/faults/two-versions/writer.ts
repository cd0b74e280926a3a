import fc from 'fast-check';
import type { Application, Person } from './applications.js';

/** Texts that comparing, quoting and padding trip over. */
const NAMES = fc.oneof(
  fc.constantFrom(
    '',
    'Ada',
    'ada',
    'ADA',
    'x',
    'x ',
    'NULL',
    "O'Hara",
    '\\',
    '"',
    'é',
    'e\u0301',
    '😀',
  ),
  fc.string({ maxLength: 20, unit: 'grapheme-composite' }).map((text) => text.replaceAll('\0', '')),
);

/** What a writer does next; rows are meant by their place among its own. */
type Step =
  | { readonly kind: 'insert'; readonly at: number; readonly names: readonly string[] }
  | { readonly kind: 'upsert'; readonly at: number; readonly name: string }
  | { readonly kind: 'set-name'; readonly at: readonly number[]; readonly name: string }
  | { readonly kind: 'set-visits'; readonly at: number; readonly visits: number }
  | { readonly kind: 'set-both'; readonly at: number; readonly name: string }
  | { readonly kind: 'remove'; readonly at: number };

/** Rows that one writer has to itself: what it leaves in them is known, whoever else writes the table. */
const ROWS = 60;
const AT = fc.nat(ROWS - 1);

const STEP: fc.Arbitrary<Step & { readonly byNew: boolean }> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      fc.record({
        kind: fc.constant('insert' as const),
        at: AT,
        names: fc.array(NAMES, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('upsert' as const), at: AT, name: NAMES }),
      fc.record({
        kind: fc.constant('set-name' as const),
        at: fc.uniqueArray(AT, { minLength: 1, maxLength: 5 }),
        name: NAMES,
      }),
      fc.record({ kind: fc.constant('set-visits' as const), at: AT, visits: fc.nat(1000) }),
      fc.record({ kind: fc.constant('set-both' as const), at: AT, name: NAMES }),
      fc.record({ kind: fc.constant('remove' as const), at: AT }),
    ),
  )
  .map(([byNew, step]) => ({ ...step, byNew }));

/** Which versions of the application are out. */
export type Versions = 'old' | 'both' | 'new';

/** Writes random things into rows of its own, by whichever version is out, and predicts what stands in them. */
export class Writer {
  readonly model = new Map<number, Person>();
  versions: Versions = 'old';
  steps = 0;
  #stopped = false;
  #visits = 0;

  /**
   * @param number which writer this is
   * @param seed of what it does
   */
  constructor(
    private readonly number: number,
    private readonly applications: { readonly old: Application; readonly new: Application },
    private readonly seed: number,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      for (const step of fc.sample(STEP, { numRuns: 200, seed: this.seed + round * 1000 })) {
        if (this.#stopped) return;
        await this.#take(step, this.#application(step.byNew));
        this.steps++;
      }
    }
  }

  #application(byNew: boolean): Application {
    if (this.versions === 'both') return byNew ? this.applications.new : this.applications.old;
    return this.applications[this.versions];
  }

  #id(at: number): number {
    return this.number * 1000 + at;
  }

  async #take(step: Step, application: Application): Promise<void> {
    switch (step.kind) {
      case 'insert': {
        const rows = step.names.flatMap((name, offset) => {
          const id = this.#id((step.at + offset) % ROWS);
          return this.model.has(id) ? [] : [this.#person(id, name)];
        });
        if (rows.length === 0) return;
        await application.insert(rows);
        for (const row of rows) this.model.set(row.id, row);
        return;
      }
      case 'upsert': {
        const row = this.#person(this.#id(step.at), step.name);
        await application.upsert(row);
        this.model.set(row.id, row);
        return;
      }
      case 'set-name': {
        const ids = step.at.map((at) => this.#id(at));
        await application.setName(ids, step.name);
        for (const id of ids) this.#change(id, { name: step.name });
        return;
      }
      case 'set-visits':
        await application.setVisits(this.#id(step.at), step.visits);
        this.#change(this.#id(step.at), { visits: step.visits });
        return;
      case 'set-both': {
        const row = this.#person(this.#id(step.at), step.name);
        await application.setBoth(row);
        this.#change(row.id, row);
        return;
      }
      case 'remove':
        await application.remove(this.#id(step.at));
        this.model.delete(this.#id(step.at));
    }
  }

  #person(id: number, name: string): Person {
    return { id, name, visits: this.#visits++ };
  }

  #change(id: number, to: Partial<Person>): void {
    const row = this.model.get(id);
    if (row !== undefined) this.model.set(id, { ...row, ...to });
  }
}
