CREATE STATISTICS orders_stats (dependencies) ON customer_id, status FROM orders;
--> statement-breakpoint
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 90);
ALTER TABLE orders ALTER COLUMN status SET STATISTICS 500;
ALTER TABLE products ALTER COLUMN attributes SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE INDEX products_attributes_idx ON products USING gin (attributes jsonb_path_ops);
--> statement-breakpoint
CREATE INDEX customers_lower_email_idx ON customers (lower(email));
