DROP FUNCTION "order_total_cents"(integer);
--> statement-breakpoint
DELETE FROM "products" WHERE "sku" IN ('tea', 'mug', 'pot');
