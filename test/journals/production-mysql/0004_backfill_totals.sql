# backfill; then tighten
UPDATE `orders` SET `total_cents` = (SELECT COALESCE(SUM(`quantity` * `unit_price_cents`), 0) FROM `order_lines` WHERE `order_lines`.`order_id` = `orders`.`id`) WHERE `total_cents` IS NULL;
--> statement-breakpoint
ALTER TABLE `orders` MODIFY COLUMN `total_cents` int NOT NULL DEFAULT 0;
