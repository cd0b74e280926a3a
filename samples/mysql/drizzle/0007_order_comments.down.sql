-- @operation orders-channel undo
-- @operation orders-comment undo
ALTER TABLE `orders` DROP COLUMN `comment`;
