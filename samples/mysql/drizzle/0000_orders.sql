CREATE TABLE `order_lines` (
	`order_id` int NOT NULL,
	`sku` varchar(32) NOT NULL,
	`quantity` int NOT NULL,
	`unit_price_cents` int NOT NULL,
	CONSTRAINT `order_lines_order_id_sku_pk` PRIMARY KEY(`order_id`,`sku`)
);
--> statement-breakpoint
CREATE TABLE `orders` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer` varchar(100) NOT NULL,
	`status` enum('placed','shipped') NOT NULL DEFAULT 'placed',
	`placed_at` timestamp NOT NULL DEFAULT (now()),
	CONSTRAINT `orders_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `products` (
	`sku` varchar(32) NOT NULL,
	`title` varchar(200) NOT NULL,
	`price_cents` int NOT NULL,
	CONSTRAINT `products_sku` PRIMARY KEY(`sku`)
);
--> statement-breakpoint
ALTER TABLE `order_lines` ADD CONSTRAINT `order_lines_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `order_lines` ADD CONSTRAINT `order_lines_sku_products_sku_fk` FOREIGN KEY (`sku`) REFERENCES `products`(`sku`) ON DELETE no action ON UPDATE no action;