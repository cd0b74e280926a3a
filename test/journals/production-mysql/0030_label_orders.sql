ALTER TABLE `orders` ADD `label` varchar(64);--> statement-breakpoint
UPDATE `orders` SET `label` = order_label(`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `orders_label_idx` ON `orders` (`label`);
