CREATE TABLE "migration_attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "migration_attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"scope" text NOT NULL,
	"kind" text NOT NULL,
	"tag" text NOT NULL,
	"file_checksum" char(64),
	"token_checksum" char(64),
	"created_at_ms" bigint,
	"impact" text,
	"requires" text,
	"state" text NOT NULL,
	"statements" integer DEFAULT 0 NOT NULL,
	"statement_cursor" integer DEFAULT 0 NOT NULL,
	"in_flight" integer,
	"objects_digest" char(64),
	"fence" bigint NOT NULL,
	"runner" text NOT NULL,
	"build" text,
	"actor" text,
	"started_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"finished_at" timestamp with time zone,
	"error_code" text,
	"reason" text,
	"detail" jsonb,
	CONSTRAINT "migration_attempts_kind" CHECK (kind in ('migration', 'down', 'action', 'baseline', 'repair', 'gate')),
	CONSTRAINT "migration_attempts_impact" CHECK (impact in ('expand', 'contract', 'breaking')),
	CONSTRAINT "migration_attempts_state" CHECK (state in ('running', 'done', 'failed', 'interrupted'))
);
--> statement-breakpoint
CREATE TABLE "migration_library" (
	"version" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"applied_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "migration_lock" (
	"scope" text NOT NULL,
	"part" text NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL,
	"holder_id" text,
	"holder" jsonb,
	"session_id" bigint,
	"session_start" text,
	"acquired_at" timestamp with time zone,
	"released_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"fleet_seen" boolean DEFAULT false NOT NULL,
	CONSTRAINT "migration_lock_scope_part_pk" PRIMARY KEY("scope","part"),
	CONSTRAINT "migration_lock_part" CHECK (part in ('fence', 'lease'))
);
--> statement-breakpoint
CREATE INDEX "migration_attempts_tag" ON "migration_attempts" USING btree ("scope","tag","id");