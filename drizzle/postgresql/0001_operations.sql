CREATE TABLE "migration_operations" (
	"scope" text NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"spec" jsonb NOT NULL,
	"spec_hash" text NOT NULL,
	"state" text NOT NULL,
	"action" integer DEFAULT 0 NOT NULL,
	"undo_until" text NOT NULL,
	"objects" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"conflicts" bigint DEFAULT 0 NOT NULL,
	"fence" bigint NOT NULL,
	"entered_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"detail" jsonb,
	CONSTRAINT "migration_operations_scope_id_pk" PRIMARY KEY("scope","id")
);
--> statement-breakpoint
CREATE TABLE "migration_progress" (
	"scope" text NOT NULL,
	"id" text NOT NULL,
	"pass" text NOT NULL,
	"range_no" integer NOT NULL,
	"from_pk" jsonb,
	"cursor_pk" jsonb,
	"bound_pk" jsonb,
	"rows_done" bigint DEFAULT 0 NOT NULL,
	"rows_changed" bigint DEFAULT 0 NOT NULL,
	"batch" integer NOT NULL,
	"want" text DEFAULT 'run' NOT NULL,
	"max_rate" integer,
	"failures" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"fence" bigint NOT NULL,
	"started_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "migration_progress_scope_id_pass_range_no_pk" PRIMARY KEY("scope","id","pass","range_no"),
	CONSTRAINT "migration_progress_want" CHECK (want in ('run', 'pause', 'cancel'))
);
