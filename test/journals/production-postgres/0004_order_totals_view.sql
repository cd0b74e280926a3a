CREATE VIEW "public"."order_totals" AS (select "order_id", sum("quantity" * "unit_price_cents") as "total_cents", count(*) as "lines" from "order_lines" group by "order_id");--> statement-breakpoint
CREATE MATERIALIZED VIEW "public"."product_sales" AS (select "product_id", sum("quantity") as "sold" from "order_lines" group by "product_id");--> statement-breakpoint
CREATE UNIQUE INDEX "product_sales_product_id_idx" ON "product_sales" ("product_id");
