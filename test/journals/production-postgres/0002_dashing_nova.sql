ALTER TABLE "orders" ADD COLUMN "shipping_address" jsonb;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "total_cents" integer;--> statement-breakpoint
ALTER TABLE "customers" ADD COLUMN "phone" varchar(32);--> statement-breakpoint
ALTER TABLE "customers" ALTER COLUMN "locale" SET DATA TYPE varchar(16);
