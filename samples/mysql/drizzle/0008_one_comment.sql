-- @requires 0007_order_comments
-- @operation orders-channel contract
ALTER TABLE `orders` MODIFY COLUMN `channel` varchar(16) NOT NULL;
--> statement-breakpoint
-- @operation orders-comment contract
ALTER TABLE `orders` DROP COLUMN `note`;
