import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  char,
  customType,
  index,
  int,
  json,
  mysqlTable,
  primaryKey,
  text,
  timestamp,
  varchar,
} from 'drizzle-orm/mysql-core';

/*
 * Our own tables, for drizzle-kit alone: nothing imports this file at run time. They live in the current database.
 * drizzle-kit has no words for character set and engine: the first stands in the column's type, the second was added to the generated file.
 */

/** Exact, short keys: a case-insensitive collation would make two scopes one. */
const ascii = customType<{ data: string; config: { length: number } }>({
  dataType: (config) => `varchar(${config?.length ?? 200}) character set ascii collate ascii_bin`,
});

/** Tags are file names: compared byte by byte. */
const binaryText = customType<{ data: string; config: { length: number } }>({
  dataType: (config) =>
    `varchar(${config?.length ?? 255}) character set utf8mb4 collate utf8mb4_bin`,
});

/** NULL is spelt out: without explicit_defaults_for_timestamp (MariaDB before 10.10) the first TIMESTAMP is NOT NULL and updates itself. */
const nullableTime = customType<{ data: Date }>({ dataType: () => 'timestamp(3) null' });

/** A time in UTC. What is compared with the clock must not pass through a session's time zone, in which an hour comes twice a year. */
const utcTime = customType<{ data: string }>({ dataType: () => 'datetime(3)' });

/** Which of our own migrations this database has had. */
export const migrationLibrary = mysqlTable('migration_library', {
  version: varchar('version', { length: 64 }).primaryKey(),
  hash: char('hash', { length: 64 }).notNull(),
  appliedAt: timestamp('applied_at', { fsp: 3 })
    .notNull()
    .default(sql`current_timestamp(3)`),
});

/** Two rows a scope: heartbeats never touch the fence row. */
export const migrationLock = mysqlTable(
  'migration_lock',
  {
    scope: ascii('scope', { length: 200 }).notNull(),
    part: ascii('part', { length: 8 }).notNull(),
    fence: bigint('fence', { mode: 'bigint', unsigned: true })
      .notNull()
      .default(sql`0`),
    holderId: varchar('holder_id', { length: 64 }),
    holder: json('holder'),
    sessionId: bigint('session_id', { mode: 'bigint', unsigned: true }),
    sessionStart: varchar('session_start', { length: 64 }),
    acquiredAt: nullableTime('acquired_at'),
    releasedAt: nullableTime('released_at'),
    heartbeatAt: nullableTime('heartbeat_at'),
    expiresAt: nullableTime('expires_at'),
    fleetSeen: boolean('fleet_seen').notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.scope, table.part] })],
);

/** One row a try at a migration. */
export const migrationAttempts = mysqlTable(
  'migration_attempts',
  {
    id: bigint('id', { mode: 'bigint', unsigned: true }).autoincrement().primaryKey(),
    scope: ascii('scope', { length: 200 }).notNull(),
    kind: varchar('kind', { length: 16 }).notNull(),
    tag: binaryText('tag', { length: 255 }).notNull(),
    fileChecksum: char('file_checksum', { length: 64 }),
    tokenChecksum: char('token_checksum', { length: 64 }),
    createdAtMs: bigint('created_at_ms', { mode: 'bigint' }),
    impact: varchar('impact', { length: 16 }),
    requires: varchar('requires', { length: 255 }),
    state: varchar('state', { length: 16 }).notNull(),
    statements: int('statements').notNull().default(0),
    statementCursor: int('statement_cursor').notNull().default(0),
    inFlight: int('in_flight'),
    objectsDigest: char('objects_digest', { length: 64 }),
    fence: bigint('fence', { mode: 'bigint', unsigned: true }).notNull(),
    runner: varchar('runner', { length: 64 }).notNull(),
    build: varchar('build', { length: 255 }),
    actor: varchar('actor', { length: 255 }),
    startedAt: timestamp('started_at', { fsp: 3 })
      .notNull()
      .default(sql`current_timestamp(3)`),
    finishedAt: nullableTime('finished_at'),
    errorCode: varchar('error_code', { length: 64 }),
    reason: text('reason'),
    detail: json('detail'),
  },
  (table) => [index('migration_attempts_tag').on(table.scope, table.tag, table.id)],
);

/** Where each operation stands. */
export const migrationOperations = mysqlTable(
  'migration_operations',
  {
    scope: ascii('scope', { length: 200 }).notNull(),
    id: ascii('id', { length: 200 }).notNull(),
    kind: varchar('kind', { length: 32 }).notNull(),
    spec: json('spec').notNull(),
    specHash: char('spec_hash', { length: 64 }).notNull(),
    state: varchar('state', { length: 16 }).notNull(),
    action: int('action').notNull().default(0),
    undoUntil: varchar('undo_until', { length: 16 }).notNull(),
    /** Fingerprints of what we created. */
    objects: json('objects')
      .notNull()
      .default(sql`('[]')`),
    conflicts: bigint('conflicts', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    fence: bigint('fence', { mode: 'bigint', unsigned: true }).notNull(),
    enteredAt: timestamp('entered_at', { fsp: 3 })
      .notNull()
      .default(sql`current_timestamp(3)`),
    detail: json('detail'),
  },
  (table) => [primaryKey({ columns: [table.scope, table.id] })],
);

/** How far each range of each pass over an operation's rows is. */
export const migrationProgress = mysqlTable(
  'migration_progress',
  {
    scope: ascii('scope', { length: 200 }).notNull(),
    id: ascii('id', { length: 200 }).notNull(),
    pass: ascii('pass', { length: 8 }).notNull(),
    rangeNo: int('range_no').notNull(),
    /** Keys are arrays of text, one a column. Exclusive lower end; null = from the first row. */
    fromPk: json('from_pk'),
    /** The last key that is done; null = none yet. */
    cursorPk: json('cursor_pk'),
    /** Inclusive upper end. */
    boundPk: json('bound_pk'),
    rowsDone: bigint('rows_done', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    rowsChanged: bigint('rows_changed', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    batch: int('batch').notNull(),
    /** Written by any process, to all rows of the id. */
    want: ascii('want', { length: 8 }).notNull().default('run'),
    /** Rows a second of all ranges together; null = no limit. */
    maxRate: int('max_rate'),
    /** Keys and class of error, never values. */
    failures: json('failures')
      .notNull()
      .default(sql`('[]')`),
    fence: bigint('fence', { mode: 'bigint', unsigned: true }).notNull(),
    startedAt: timestamp('started_at', { fsp: 3 })
      .notNull()
      .default(sql`current_timestamp(3)`),
    updatedAt: timestamp('updated_at', { fsp: 3 })
      .notNull()
      .default(sql`current_timestamp(3)`),
    finishedAt: nullableTime('finished_at'),
  },
  (table) => [primaryKey({ columns: [table.scope, table.id, table.pass, table.rangeNo] })],
);

/** One row a running instance: what it is, what it knows, and until when it counts as alive. Written by the instances themselves. */
export const migrationInstances = mysqlTable(
  'migration_instances',
  {
    scope: ascii('scope', { length: 200 }).notNull(),
    instanceId: ascii('instance_id', { length: 64 }).notNull(),
    /** New for each process: two that share an id are told apart by it. */
    bootId: ascii('boot_id', { length: 64 }).notNull(),
    service: varchar('service', { length: 255 }).notNull(),
    build: varchar('build', { length: 255 }),
    host: varchar('host', { length: 255 }).notNull(),
    /** Which process table `pid` counts in. */
    machine: varchar('machine', { length: 255 }),
    pid: int('pid').notNull(),
    /** The tags of its journal, written once. */
    knows: json('knows').notNull(),
    /** Digest over tags and checksums of its journal. */
    journal: char('journal', { length: 64 }).notNull(),
    /** Names of the operations that are registered in it. */
    operations: json('operations')
      .notNull()
      .default(sql`('[]')`),
    /** Payload formats and keys: `{"formats":{},"keys":{}}`. */
    caps: json('caps')
      .notNull()
      .default(sql`('{}')`),
    evidence: json('evidence')
      .notNull()
      .default(sql`('{}')`),
    observedEpoch: bigint('observed_epoch', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    /** Its own answer to readiness, as of its last sign of life. */
    state: varchar('state', { length: 16 }).notNull(),
    startedAt: utcTime('started_at').notNull(),
    seenAt: utcTime('seen_at').notNull(),
    leaseUntil: utcTime('lease_until').notNull(),
    /** A graceful stop leaves its row. */
    stoppedAt: utcTime('stopped_at'),
  },
  (table) => [primaryKey({ columns: [table.scope, table.instanceId] })],
);
