-- @requires 0006_order_comments
-- @operation orders-channel contract
ALTER TABLE "orders" ALTER COLUMN "channel" SET NOT NULL;
--> statement-breakpoint
-- @operation orders-comment contract
ALTER TABLE "orders" DROP COLUMN "note";
