CREATE FULLTEXT INDEX `products_title_idx` ON `products` (`title`);--> statement-breakpoint
CREATE INDEX `products_title_prefix_idx` ON `products` (`title`(20));--> statement-breakpoint
ALTER TABLE `orders` ADD `shipped_at` datetime(3) NULL, ADD INDEX `orders_shipped_at_idx` (`shipped_at`), ALGORITHM=INPLACE, LOCK=NONE;
