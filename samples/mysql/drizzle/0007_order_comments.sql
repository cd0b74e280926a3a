-- @operation orders-comment expand
ALTER TABLE `orders` ADD `comment` varchar(500);
-- @operation orders-channel expand
-- @operation orders-comment backfill
-- @operation orders-comment verify
-- @operation orders-channel backfill
-- @operation orders-channel verify
