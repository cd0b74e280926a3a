CREATE TABLE `invoices` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`order_id` bigint NOT NULL,
	`issued_at` datetime NOT NULL,
	CONSTRAINT `invoices_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
ALTER TABLE `invoices` ADD CONSTRAINT `invoices_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
INSERT INTO `invoices` (`order_id`, `issued_at`) SELECT `id`, `placed_at` FROM `orders` WHERE `placed_at` IS NOT NULL ORDER BY `id`;
