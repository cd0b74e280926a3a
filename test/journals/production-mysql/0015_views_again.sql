DROP VIEW `order_totals`;--> statement-breakpoint
CREATE OR REPLACE VIEW `open_orders` AS (select o.`id`, o.`customer_id`, c.`display_name` from `orders` o join `customers` c on c.`id` = o.`customer_id` where o.`status` in ('placed', 'paid', 'on_hold'));
