-- Written by hand: the total of an order follows its lines.
CREATE TRIGGER `order_lines_total` AFTER INSERT ON `order_lines` FOR EACH ROW
BEGIN
  UPDATE `orders` SET `total_cents` = `total_cents` + NEW.`quantity` * NEW.`unit_price_cents` WHERE `id` = NEW.`order_id`;
END;
--> statement-breakpoint
UPDATE `orders` SET `total_cents` = (SELECT COALESCE(SUM(`quantity` * `unit_price_cents`), 0) FROM `order_lines` WHERE `order_id` = `orders`.`id`);
