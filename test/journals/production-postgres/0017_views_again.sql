DROP VIEW "public"."order_totals";--> statement-breakpoint
DROP MATERIALIZED VIEW "public"."product_sales";--> statement-breakpoint
CREATE VIEW "public"."order_totals" WITH (security_barrier = true) AS (select o."id" as "order_id", o."status", coalesce(sum(l."line_total_cents"), 0) as "total_cents" from "orders" o left join "order_lines" l on l."order_id" = o."id" group by o."id", o."status");
