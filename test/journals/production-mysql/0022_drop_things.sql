ALTER TABLE `customers` DROP COLUMN `marketing_opt_in`;--> statement-breakpoint
DROP INDEX `orders_status_placed_at_idx` ON `orders`;--> statement-breakpoint
DROP PROCEDURE `count_down`;--> statement-breakpoint
DROP FUNCTION IF EXISTS `gross`;--> statement-breakpoint
ALTER TABLE `audit_log` DROP PARTITION p2024_01;
