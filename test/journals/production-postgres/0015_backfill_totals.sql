-- backfill; then tighten
ALTER TABLE orders DISABLE TRIGGER orders_set_updated_at;
UPDATE orders o SET total_cents = t.total_cents FROM order_totals t WHERE t.order_id = o.id AND o.total_cents IS NULL;
UPDATE orders SET total_cents = 0 WHERE total_cents IS NULL;
ALTER TABLE orders ENABLE TRIGGER orders_set_updated_at;
--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "total_cents" SET DEFAULT 0;--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "total_cents" SET NOT NULL;
