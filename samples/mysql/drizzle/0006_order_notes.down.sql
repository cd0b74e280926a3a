ALTER TABLE `orders` DROP COLUMN `channel`;
--> statement-breakpoint
ALTER TABLE `orders` DROP COLUMN `note`;
