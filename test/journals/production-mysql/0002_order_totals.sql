ALTER TABLE `orders` ADD `total_cents` int;--> statement-breakpoint
ALTER TABLE `orders` ADD `shipping_address` json;--> statement-breakpoint
ALTER TABLE `customers` ADD `phone` varchar(32);
