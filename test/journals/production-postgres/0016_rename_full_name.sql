ALTER TABLE "customers" DROP COLUMN "search";--> statement-breakpoint
ALTER TABLE "customers" RENAME COLUMN "full_name" TO "display_name";--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "search" tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce("display_name", '') || ' ' || "email")) STORED;--> statement-breakpoint
CREATE INDEX "customers_search_idx" ON "customers" USING gin ("search");
