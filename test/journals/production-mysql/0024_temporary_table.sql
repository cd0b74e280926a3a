CREATE TEMPORARY TABLE `tmp_totals` AS SELECT `order_id`, SUM(`line_total_cents`) AS `total` FROM `order_lines` GROUP BY `order_id`;--> statement-breakpoint
UPDATE `orders` o JOIN `tmp_totals` t ON t.`order_id` = o.`id` SET o.`total_cents` = t.`total`;--> statement-breakpoint
DROP TEMPORARY TABLE `tmp_totals`;
