-- A contract: `nest-migrate down` refuses to come here where there are data. This is for databases of tests.
ALTER TABLE "orders" ADD COLUMN "note" text;
--> statement-breakpoint
UPDATE "orders" SET "note" = "comment";
--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "channel" DROP NOT NULL;
