CREATE TABLE `warehouses` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(8) NOT NULL,
	`address` varchar(200) NOT NULL DEFAULT 'line one; line two',
	CONSTRAINT `warehouses_id` PRIMARY KEY(`id`)
) COMMENT = 'one row a building; see #77 -- really';
--> statement-breakpoint
CREATE TABLE `inventory` (
	`warehouse_id` int NOT NULL,
	`product_id` int NOT NULL,
	`on_hand` int NOT NULL DEFAULT 0,
	`reserved` int NOT NULL DEFAULT 0,
	CONSTRAINT `inventory_warehouse_id_product_id_pk` PRIMARY KEY(`warehouse_id`,`product_id`),
	CONSTRAINT `inventory_reserved_check` CHECK(`inventory`.`reserved` <= `inventory`.`on_hand`)
);
--> statement-breakpoint
ALTER TABLE `inventory` ADD CONSTRAINT `inventory_warehouse_id_warehouses_id_fk` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE `inventory` ADD CONSTRAINT `inventory_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
INSERT INTO `warehouses` (`id`, `code`) VALUES (1, 'BER'), (2, 'AMS');--> statement-breakpoint
INSERT INTO `inventory` (`warehouse_id`, `product_id`, `on_hand`) SELECT w.`id`, p.`id`, 10 * w.`id` + p.`id` FROM `warehouses` w CROSS JOIN `products` p;
