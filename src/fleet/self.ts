import { hash, randomUUID } from 'node:crypto';
import type { Journal } from '../journal/journal.js';
import type { Capabilities, InstanceFacts } from './instance.js';

/** How one process is known to the registry. */
export interface SelfId {
  /** Drawn anew where somebody else turns out to have it. */
  readonly instanceId: string;
  /** New for each process. */
  readonly bootId: string;
}

/** A name that no other process has. */
export function newSelfId(): SelfId {
  return { instanceId: randomUUID(), bootId: randomUUID() };
}

/** What a process says of itself, from its journal and its options. Pure. */
export function factsOfBuild(
  journal: Pick<Journal, 'migrations'>,
  process: {
    readonly service: string;
    readonly build: string | null;
    readonly host: string;
    readonly machine: string | null;
    readonly pid: number;
    readonly operations: readonly string[];
    readonly capabilities?: Capabilities;
  },
): InstanceFacts {
  const { migrations } = journal;
  const identity = migrations.map(({ tag, checksum }) => `${tag} ${checksum}`).join('\n');
  return {
    service: cut(process.service),
    build: process.build === null ? null : cut(process.build),
    host: cut(process.host),
    machine: process.machine,
    pid: process.pid,
    knows: migrations.map(({ tag }) => tag),
    journal: hash('sha256', identity, 'hex'),
    operations: process.operations,
    capabilities: process.capabilities ?? {},
  };
}

/** What MySQL's columns hold; a longer name would be refused, and it is only for people. */
function cut(name: string): string {
  return Array.from(name).slice(0, 255).join('');
}
