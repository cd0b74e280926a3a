import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  char,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

/*
 * Our own tables, for drizzle-kit alone: nothing imports this file at run time.
 * Declared without a schema: they are applied under SET LOCAL search_path to wherever the user's ledger lives.
 */

/** Which of our own migrations this database has had. */
export const migrationLibrary = pgTable('migration_library', {
  version: text('version').primaryKey(),
  hash: text('hash').notNull(),
  appliedAt: timestamp('applied_at', { withTimezone: true })
    .notNull()
    .default(sql`clock_timestamp()`),
});

/** Two rows a scope: heartbeats never touch the fence row. */
export const migrationLock = pgTable(
  'migration_lock',
  {
    scope: text('scope').notNull(),
    part: text('part').notNull(),
    fence: bigint('fence', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    holderId: text('holder_id'),
    holder: jsonb('holder'),
    sessionId: bigint('session_id', { mode: 'bigint' }),
    /** backend_start as text: a timestamp would lose nothing here, and does in every driver. */
    sessionStart: text('session_start'),
    acquiredAt: timestamp('acquired_at', { withTimezone: true }),
    releasedAt: timestamp('released_at', { withTimezone: true }),
    heartbeatAt: timestamp('heartbeat_at', { withTimezone: true }),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    fleetSeen: boolean('fleet_seen').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.scope, table.part] }),
    check('migration_lock_part', sql`part in ('fence', 'lease')`),
  ],
);

/** One row a try at a migration. */
export const migrationAttempts = pgTable(
  'migration_attempts',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    scope: text('scope').notNull(),
    kind: text('kind').notNull(),
    tag: text('tag').notNull(),
    fileChecksum: char('file_checksum', { length: 64 }),
    tokenChecksum: char('token_checksum', { length: 64 }),
    createdAtMs: bigint('created_at_ms', { mode: 'bigint' }),
    impact: text('impact'),
    requires: text('requires'),
    state: text('state').notNull(),
    statements: integer('statements').notNull().default(0),
    statementCursor: integer('statement_cursor').notNull().default(0),
    inFlight: integer('in_flight'),
    objectsDigest: char('objects_digest', { length: 64 }),
    fence: bigint('fence', { mode: 'bigint' }).notNull(),
    runner: text('runner').notNull(),
    build: text('build'),
    actor: text('actor'),
    startedAt: timestamp('started_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    errorCode: text('error_code'),
    reason: text('reason'),
    detail: jsonb('detail'),
  },
  (table) => [
    index('migration_attempts_tag').on(table.scope, table.tag, table.id),
    check(
      'migration_attempts_kind',
      sql`kind in ('migration', 'down', 'action', 'baseline', 'repair', 'gate')`,
    ),
    check('migration_attempts_impact', sql`impact in ('expand', 'contract', 'breaking')`),
    check('migration_attempts_state', sql`state in ('running', 'done', 'failed', 'interrupted')`),
  ],
);

/** Where each operation stands. */
export const migrationOperations = pgTable(
  'migration_operations',
  {
    scope: text('scope').notNull(),
    id: text('id').notNull(),
    kind: text('kind').notNull(),
    spec: jsonb('spec').notNull(),
    specHash: text('spec_hash').notNull(),
    state: text('state').notNull(),
    action: integer('action').notNull().default(0),
    undoUntil: text('undo_until').notNull(),
    /** Fingerprints of what we created. */
    objects: jsonb('objects').notNull().default([]),
    conflicts: bigint('conflicts', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    fence: bigint('fence', { mode: 'bigint' }).notNull(),
    enteredAt: timestamp('entered_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    detail: jsonb('detail'),
  },
  (table) => [primaryKey({ columns: [table.scope, table.id] })],
);

/** How far each range of each pass over an operation's rows is. */
export const migrationProgress = pgTable(
  'migration_progress',
  {
    scope: text('scope').notNull(),
    id: text('id').notNull(),
    pass: text('pass').notNull(),
    rangeNo: integer('range_no').notNull(),
    /** Keys are arrays of text, one a column. Exclusive lower end; null = from the first row. */
    fromPk: jsonb('from_pk'),
    /** The last key that is done; null = none yet. */
    cursorPk: jsonb('cursor_pk'),
    /** Inclusive upper end. */
    boundPk: jsonb('bound_pk'),
    rowsDone: bigint('rows_done', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    rowsChanged: bigint('rows_changed', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    batch: integer('batch').notNull(),
    /** Written by any process, to all rows of the id. */
    want: text('want').notNull().default('run'),
    /** Rows a second of all ranges together; null = no limit. */
    maxRate: integer('max_rate'),
    /** Keys and class of error, never values. */
    failures: jsonb('failures').notNull().default([]),
    fence: bigint('fence', { mode: 'bigint' }).notNull(),
    startedAt: timestamp('started_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    updatedAt: timestamp('updated_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.scope, table.id, table.pass, table.rangeNo] }),
    check('migration_progress_want', sql`want in ('run', 'pause', 'cancel')`),
  ],
);

/** One row a running instance: what it is, what it knows, and until when it counts as alive. Written by the instances themselves. */
export const migrationInstances = pgTable(
  'migration_instances',
  {
    scope: text('scope').notNull(),
    instanceId: text('instance_id').notNull(),
    /** New for each process: two that share an id are told apart by it. */
    bootId: text('boot_id').notNull(),
    service: text('service').notNull(),
    build: text('build'),
    host: text('host').notNull(),
    /** Which process table `pid` counts in. */
    machine: text('machine'),
    pid: integer('pid').notNull(),
    /** The tags of its journal, written once. */
    knows: jsonb('knows').notNull(),
    /** Digest over tags and checksums of its journal. */
    journal: text('journal').notNull(),
    /** Names of the operations that are registered in it. */
    operations: jsonb('operations').notNull().default([]),
    /** Payload formats and keys: `{"formats":{},"keys":{}}`. */
    caps: jsonb('caps').notNull().default({}),
    evidence: jsonb('evidence').notNull().default({}),
    observedEpoch: bigint('observed_epoch', { mode: 'bigint' })
      .notNull()
      .default(sql`0`),
    /** Its own answer to readiness, as of its last sign of life. */
    state: text('state').notNull(),
    startedAt: timestamp('started_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    seenAt: timestamp('seen_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    leaseUntil: timestamp('lease_until', { withTimezone: true }).notNull(),
    /** A graceful stop leaves its row. */
    stoppedAt: timestamp('stopped_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.scope, table.instanceId] })],
);
