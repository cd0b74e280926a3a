ALTER TABLE "products" ALTER COLUMN "currency" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "products" ALTER COLUMN "currency" SET DEFAULT 'EUR'::text;--> statement-breakpoint
DROP TYPE "public"."currency";--> statement-breakpoint
CREATE TYPE "public"."currency" AS ENUM('EUR', 'USD', 'GBP', 'CHF');--> statement-breakpoint
ALTER TABLE "products" ALTER COLUMN "currency" SET DEFAULT 'EUR'::"public"."currency";--> statement-breakpoint
ALTER TABLE "products" ALTER COLUMN "currency" SET DATA TYPE "public"."currency" USING "currency"::"public"."currency";
