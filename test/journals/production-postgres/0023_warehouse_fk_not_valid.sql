ALTER TABLE "shipments" ADD CONSTRAINT "shipments_warehouse_id_warehouses_id_fk" FOREIGN KEY ("warehouse_id") REFERENCES "public"."warehouses"("id") NOT VALID;
--> statement-breakpoint
ALTER TABLE "shipments" VALIDATE CONSTRAINT "shipments_warehouse_id_warehouses_id_fk";
--> statement-breakpoint
ALTER TABLE "customers" ADD CONSTRAINT "customers_phone_check" CHECK ("phone" ~ '^\+?[0-9 ;-]+$') NOT VALID;
