ALTER TABLE `warehouses` MODIFY COLUMN `code` varchar(16) NOT NULL;--> statement-breakpoint
ALTER TABLE `warehouses` ADD CONSTRAINT `warehouses_code_unique` UNIQUE(`code`);--> statement-breakpoint
ALTER TABLE `vendors` MODIFY COLUMN `name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL;
