CREATE ALGORITHM = undefined
SQL SECURITY definer
VIEW `order_totals` AS (select `order_id`, sum(`quantity` * `unit_price_cents`) as `total`, count(*) as `line_count` from `order_lines` group by `order_id`);--> statement-breakpoint
CREATE VIEW `open_orders` AS (select `id`, `customer_id` from `orders` where `status` in ('placed', 'paid'));
