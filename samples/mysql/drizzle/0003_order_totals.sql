ALTER TABLE `orders` ADD `paid_at` datetime;--> statement-breakpoint
ALTER TABLE `orders` ADD `total_cents` int DEFAULT 0 NOT NULL;