UPDATE "orders" SET "status" = 'refunded', "updated_at" = '2024-03-01T00:00:00Z' WHERE "status" = 'cancelled' AND "placed_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "orders_refunded_idx" ON "orders" USING btree ("placed_at") WHERE "orders"."status" = 'refunded';--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_on_hold_note_check" CHECK ("status" <> 'on_hold' OR "note" IS NOT NULL);
