DROP TRIGGER IF EXISTS `order_lines_au`;--> statement-breakpoint
CREATE TRIGGER `order_lines_au` AFTER UPDATE ON `order_lines` FOR EACH ROW
BEGIN
  IF NOT (NEW.`line_total_cents` <=> OLD.`line_total_cents`) THEN
    UPDATE `orders` SET `total_cents` = `total_cents` + NEW.`line_total_cents` - OLD.`line_total_cents` WHERE `id` = NEW.`order_id`;
  END IF;
END;--> statement-breakpoint
CREATE TRIGGER `order_lines_au_note` AFTER UPDATE ON `order_lines` FOR EACH ROW FOLLOWS `order_lines_au`
BEGIN
  UPDATE `orders` SET `note` = 'changed; see lines' WHERE `id` = NEW.`order_id` AND `note` IS NULL;
END;--> statement-breakpoint
UPDATE `order_lines` SET `quantity` = 3 WHERE `order_id` = 2 AND `line_no` = 1;
