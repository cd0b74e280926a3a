ALTER TABLE `orders` MODIFY COLUMN `status` enum('draft','placed','paid','shipped','cancelled','refunded','on_hold') NOT NULL DEFAULT 'draft';--> statement-breakpoint
UPDATE `orders` SET `status` = 'refunded' WHERE `status` = 'cancelled' AND `placed_at` IS NOT NULL;
