-- Written by hand: `drizzle-kit generate --custom --name product_catalogue`.
INSERT INTO "products" ("sku", "title", "price_cents") VALUES
  ('tea', 'Tea; loose, 100 g', 590),
  ('mug', 'Mug, blue', 1290),
  ('pot', 'Teapot for two', 3490)
ON CONFLICT ("sku") DO NOTHING;
--> statement-breakpoint
CREATE FUNCTION "order_total_cents"("wanted" integer) RETURNS bigint LANGUAGE sql STABLE AS $$
  select coalesce(sum(quantity * unit_price_cents), 0) from order_lines where order_id = wanted;
$$;
