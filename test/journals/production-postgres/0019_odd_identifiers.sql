CREATE SCHEMA "reporting";
--> statement-breakpoint
CREATE TABLE "reporting"."monthly ""net""; revenue" (
	"month" date PRIMARY KEY NOT NULL,
	"amount; cents" bigint NOT NULL,
	"Größe" numeric(12, 2),
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"--note" text DEFAULT '-- none; yet' NOT NULL
);
--> statement-breakpoint
CREATE TYPE "reporting"."period" AS (starts date, ends date);
--> statement-breakpoint
COMMENT ON TABLE "reporting"."monthly ""net""; revenue" IS 'Filled nightly; do not edit. It''s a cache -- really.';
COMMENT ON COLUMN "reporting"."monthly ""net""; revenue"."--note" IS $c$dollar 'quoted'; comment$c$;
