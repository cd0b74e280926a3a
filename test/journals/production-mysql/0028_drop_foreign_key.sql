ALTER TABLE `shipments` DROP FOREIGN KEY `shipments_warehouse_id_warehouses_id_fk`;
--> statement-breakpoint
DROP INDEX `shipments_warehouse_id_warehouses_id_fk` ON `shipments`;--> statement-breakpoint
ALTER TABLE `shipments` DROP COLUMN `warehouse_id`;
