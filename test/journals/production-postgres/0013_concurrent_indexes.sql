-- migrate() wraps everything in one transaction and CREATE INDEX CONCURRENTLY refuses to run in one;
-- ending that transaction by hand is the way it has been done here since 2023.
COMMIT;--> statement-breakpoint
SET lock_timeout = 0;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "orders_tenant_id_idx" ON "orders" USING btree ("tenant_id");--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "payments_provider_ref_idx" ON "payments" USING btree ("provider","provider_ref") WHERE "provider_ref" IS NOT NULL;
