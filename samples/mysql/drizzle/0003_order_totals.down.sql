ALTER TABLE `orders` DROP COLUMN `total_cents`;
--> statement-breakpoint
ALTER TABLE `orders` DROP COLUMN `paid_at`;
