import { LEASE_MS, RENEW_EVERY_MS } from '../../../src/fleet/instance.js';
import type { ReadinessState } from '../../../src/readiness/readiness.js';
import type { DownRequest, FleetWorld, RunOutcome, UpRequest } from './fleet-world.js';
import { columnsAfter, filled, type History, type Run } from './history.js';

const FORGET_MS = 300_000;

interface Replica {
  readonly id: number;
  readonly build: number;
  readonly registers: boolean;
  life: 'alive' | 'paused' | 'killed' | 'stopped';
  /** When it last looked, and so renewed its lease; null = never. */
  lookedAt: number | null;
  /** When its refresher last ran, registered or not. */
  readAt: number;
  /** Whether the registry has lost its row since. */
  lost: boolean;
  /** Whether its last answer let traffic in. */
  serves: boolean;
}

/** An answer that was wrong. */
export class WrongAnswer extends Error {}

/**
 * Plays a history on a world, and holds every answer against what is true: whether the queries of a build would succeed on the columns that there are.
 *
 * @returns how many answers were judged
 * @throws {WrongAnswer}
 */
export async function judgeHistory(
  { steps, happenings }: History,
  world: FleetWorld,
): Promise<number> {
  const replicas: Replica[] = [];
  let applied = 0;
  let now = 0;
  let poisoned = false;
  /** When the registry was emptied while somebody had seen it filled; until it counts again. */
  let emptiedAt: number | null = null;
  let judged = 0;

  /** New forms whose rows are through. */
  const through = new Set<string>();
  const thereAt = (count: number): ReadonlySet<string> =>
    new Set([...columnsAfter(steps, count), ...through]);
  const works = (build: number): boolean => {
    const there = thereAt(applied);
    return [...columnsAfter(steps, build)].every((column) => there.has(column));
  };
  const wrong = (words: string): never => {
    throw new WrongAnswer(`${words} (applied ${applied} of ${steps.length}, at ${now / 1000} s)`);
  };
  const judgeState = (replica: Replica, state: ReadinessState): void => {
    judged += 1;
    if (works(replica.build) !== (state !== 'down'))
      wrong(`replica ${replica.id} of build ${replica.build} answers ${state}`);
  };
  const look = async (replica: Replica): Promise<ReadinessState> => {
    const state = await world.refresh(replica.id);
    if (replica.registers && applied > 0) replica.lookedAt = now;
    Object.assign(replica, { lost: false, readAt: now, serves: state !== 'down' });
    return state;
  };
  /** Twice: a replica that serves goes down with the second bad read. */
  const lookAndJudge = async (replica: Replica): Promise<void> => {
    await look(replica);
    judgeState(replica, await look(replica));
  };
  const start = async (build: number, registers: boolean): Promise<Replica> => {
    const replica: Replica = {
      ...{ id: replicas.length, build, registers },
      ...{ life: 'alive', lookedAt: null, readAt: now, lost: false, serves: false },
    };
    replicas.push(replica);
    await world.start(replica.id, build, registers);
    return replica;
  };
  const pick = (number: number, ...lives: readonly Replica['life'][]): Replica | undefined => {
    const fitting = replicas.filter(({ life }) => lives.includes(life));
    return fitting[number % Math.max(1, fitting.length)];
  };
  /** Whoever a run has to reckon with: it may still send queries, and the registry can know of it. */
  const reckonedWith = ({ registers, life, lookedAt, lost }: Replica): boolean =>
    registers &&
    // Who lives writes its row anew; who does not cannot.
    (life === 'alive' || !lost) &&
    life !== 'stopped' &&
    lookedAt !== null &&
    now - lookedAt < LEASE_MS + FORGET_MS;

  /** Whoever served before a run and fails behind it, although nobody set that aside. */
  const judgeHarm = ({ build, said }: Run, before: number): void => {
    if (said !== 'nothing') return;
    const was = thereAt(before);
    const harmed = replicas.find(
      (replica) =>
        reckonedWith(replica) &&
        replica.life !== 'killed' &&
        replica.serves &&
        [...columnsAfter(steps, replica.build)].every((column) => was.has(column)) &&
        !works(replica.build),
    );
    if (harmed !== undefined)
      wrong(`build ${build} broke replica ${harmed.id} of build ${harmed.build}`);
  };

  const judgeDown = (request: DownRequest, before: number, outcome: RunOutcome): void => {
    judged += 1;
    const range = steps.slice(request.to, before);
    if (outcome.applied < before) judgeHarm(request, before);
    if (outcome.code === null) {
      if (outcome.applied !== Math.min(request.to, before))
        wrong('a way back left something applied without a word');
      return;
    }
    const somebody = replicas.some(
      (replica) => reckonedWith(replica) && replica.build > request.to,
    );
    const right: Readonly<Record<string, boolean>> = {
      LEDGER_AHEAD: request.build < before,
      USAGE: request.to > before,
      NO_WAY_BACK: range.some(
        ({ impact, operation }) => impact === 'contract' || operation !== undefined,
      ),
      REFUSED_IN_USE: somebody,
      REFUSED_FLEET: emptiedAt !== null,
      MIGRATION_FAILED: poisoned,
    };
    if (right[outcome.code] !== true)
      wrong(`the way back by build ${request.build} ended with ${outcome.code}`);
  };

  const judgeRun = (request: UpRequest, before: number, outcome: RunOutcome): void => {
    judged += 1;
    const taken = steps.slice(before, outcome.applied);
    const gated = taken.some(({ impact }) => impact !== 'expand');
    if (gated && before > 0) judgeHarm(request, before);
    const held =
      outcome.deferred ||
      ['REFUSED_BREAKING', 'REFUSED_HELD_BACK', 'REFUSED_FLEET'].includes(outcome.code ?? '');
    const waits = steps
      .slice(before, request.build)
      .some(
        ({ operation }) => operation?.phase === 'contract' && !through.has(filled(operation.to)),
      );
    if (outcome.code === 'OPERATION_OUT_OF_ORDER') {
      if (!waits) wrong(`build ${request.build} waits for a worker who has nothing to do`);
      if (outcome.applied !== before) wrong('a run that was refused has applied something');
      return;
    }
    if (!held) {
      if (outcome.code !== null && outcome.code !== 'MIGRATION_FAILED')
        wrong(`build ${request.build} ended with ${outcome.code}`);
      if (outcome.code === null && outcome.applied < request.build)
        wrong('a run left something undone without a word');
      return;
    }
    const gatedSteps = steps
      .slice(outcome.applied, request.build)
      .filter(({ impact }) => impact !== 'expand');
    const somebody = replicas.some(
      (replica) =>
        reckonedWith(replica) && gatedSteps.some((step) => replica.build <= steps.indexOf(step)),
    );
    if (outcome.code === 'REFUSED_FLEET' ? emptiedAt === null : !somebody)
      wrong(`build ${request.build} was held back (${outcome.code ?? 'deferred'}) by nobody`);
  };

  /** The rows of what is applied from a step on are filled. */
  const goThrough = (from: number): void => {
    for (const { operation } of steps.slice(from, applied))
      if (operation?.phase === 'rows') through.add(filled(operation.to));
  };

  /** Somebody who comes in between; nobody comes to a database without a ledger. */
  const booting = ({ boots }: Run): (() => Promise<void>) | null =>
    boots === null || applied === 0
      ? null
      : async () => {
          await look(await start(1 + (boots % steps.length), true));
        };

  for (const happening of happenings) {
    switch (happening.kind) {
      case 'start': {
        const replica = await start(1 + (happening.build % steps.length), happening.registers);
        await lookAndJudge(replica);
        break;
      }
      case 'refresh': {
        const replica = pick(happening.replica, 'alive');
        if (replica !== undefined) await lookAndJudge(replica);
        break;
      }
      case 'pause': {
        const replica = pick(happening.replica, 'alive');
        if (replica !== undefined) replica.life = 'paused';
        break;
      }
      case 'wake': {
        const replica = pick(happening.replica, 'paused');
        if (replica === undefined) break;
        replica.life = 'alive';
        await lookAndJudge(replica);
        break;
      }
      case 'stop': {
        const replica = pick(happening.replica, 'alive', 'paused');
        if (replica === undefined) break;
        replica.life = 'stopped';
        await world.stop(replica.id);
        break;
      }
      case 'kill': {
        const replica = pick(happening.replica, 'alive', 'paused');
        if (replica !== undefined) replica.life = 'killed';
        break;
      }
      case 'pass': {
        const ms = happening.seconds * 1000;
        for (let left = ms; left > 0; left -= RENEW_EVERY_MS) {
          const part = Math.min(left, RENEW_EVERY_MS);
          await world.pass(part);
          now += part;
          for (const replica of replicas)
            if (replica.life === 'alive' && now - replica.readAt >= RENEW_EVERY_MS)
              await look(replica);
        }
        for (const replica of replicas) {
          if (replica.life === 'alive' && ms >= RENEW_EVERY_MS) await lookAndJudge(replica);
        }
        const backAgain = replicas.some(({ life, registers }) => life === 'alive' && registers);
        if (emptiedAt !== null && backAgain && ms > LEASE_MS + RENEW_EVERY_MS) emptiedAt = null;
        break;
      }
      case 'truncate': {
        if (applied === 0) break;
        await world.truncate();
        emptiedAt = now;
        for (const replica of replicas) replica.lost = true;
        for (const replica of replicas)
          if (replica.life === 'stopped' || replica.life === 'killed') replica.lookedAt = null;
        break;
      }
      case 'worker':
        if (applied === 0) break;
        await world.work();
        goThrough(0);
        for (const replica of replicas) if (replica.life === 'alive') await lookAndJudge(replica);
        break;
      case 'poison':
        if (applied === 0) break;
        poisoned = happening.on;
        await world.poison(poisoned);
        break;
      case 'up': {
        const build = 1 + (happening.build % steps.length);
        const before = applied;
        const boot = booting(happening);
        const outcome = await world.up({ ...happening, build }, boot);
        applied = outcome.applied;
        if (happening.rows === 'up' || before === 0) goThrough(before);
        judgeRun({ ...happening, build }, before, outcome);
        for (const replica of replicas) if (replica.life === 'alive') await lookAndJudge(replica);
        break;
      }
      case 'down': {
        // Below the first step there is no ledger's table that anybody could ask for.
        if (applied === 0) break;
        const build = 1 + (happening.build % steps.length);
        const to = 1 + (happening.to % build);
        const before = applied;
        const outcome = await world.down({ ...happening, build, to }, booting(happening));
        applied = outcome.applied;
        judgeDown({ ...happening, build, to }, before, outcome);
        for (const replica of replicas) if (replica.life === 'alive') await lookAndJudge(replica);
        break;
      }
    }
  }
  return judged;
}
