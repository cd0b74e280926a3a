CREATE FULLTEXT INDEX `products_title_idx` ON `products` (`title`);--> statement-breakpoint
CREATE INDEX `products_title_prefix_idx` ON `products` (`title`(20));--> statement-breakpoint
ALTER TABLE `products` ADD `archived_at` datetime(3) NULL, ADD INDEX `products_archived_idx` (`archived_at`), ALGORITHM=INPLACE, LOCK=NONE;
