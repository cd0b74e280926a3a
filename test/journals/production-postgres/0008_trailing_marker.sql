ALTER TABLE "products" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "products_live_idx" ON "products" USING btree ("sku") WHERE "products"."archived_at" is null;--> statement-breakpoint
