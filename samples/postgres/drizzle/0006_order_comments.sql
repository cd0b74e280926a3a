-- @operation orders-comment expand
ALTER TABLE "orders" ADD COLUMN "comment" text;
-- @operation orders-channel expand
-- @operation orders-comment backfill
-- @operation orders-comment verify
-- @operation orders-channel backfill
-- @operation orders-channel verify
