-- was one statement until drizzle-kit split it here: --> statement-breakpoint
ALTER TABLE "warehouses" ADD COLUMN "country" char(2) DEFAULT 'DE' NOT NULL;
-- and here; again --> statement-breakpoint
ALTER TABLE "warehouses" ADD CONSTRAINT "warehouses_code_unique" UNIQUE("code");
