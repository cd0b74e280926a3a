COMMIT;
--> statement-breakpoint
SET lock_timeout = 0;
--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "orders_status_placed_at_idx";
--> statement-breakpoint
CREATE INDEX CONCURRENTLY "orders_open_idx" ON "orders" ("placed_at" DESC) INCLUDE ("customer_id") WHERE "status" IN ('placed', 'paid');
--> statement-breakpoint
REINDEX INDEX CONCURRENTLY "orders_customer_id_idx";
