ALTER TABLE `orders` ADD `note` varchar(500);--> statement-breakpoint
ALTER TABLE `orders` ADD `channel` varchar(16);