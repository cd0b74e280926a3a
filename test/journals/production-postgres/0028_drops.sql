ALTER TABLE "inventory" DROP CONSTRAINT "inventory_reserved_check";--> statement-breakpoint
ALTER TABLE "customers" DROP COLUMN "marketing_opt_in";--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "note" DROP NOT NULL;--> statement-breakpoint
DROP PROCEDURE release_all();--> statement-breakpoint
DROP FUNCTION IF EXISTS reserve_stock(integer, integer);--> statement-breakpoint
DROP POLICY "tenant_reads_itself" ON "tenants" CASCADE;--> statement-breakpoint
CREATE POLICY "tenant_reads_itself" ON "tenants" AS RESTRICTIVE FOR SELECT TO public USING (id::text = current_setting('app.tenant', true));
