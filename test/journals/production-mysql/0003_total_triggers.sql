-- Custom SQL migration file, put your code below! --
-- The driver sends one statement at a time, so no DELIMITER; the body has semicolons all the same.
CREATE TRIGGER `order_lines_ai` AFTER INSERT ON `order_lines` FOR EACH ROW
BEGIN
  -- keep the total; never let it be NULL
  UPDATE `orders` SET `total_cents` = COALESCE(`total_cents`, 0) + NEW.`quantity` * NEW.`unit_price_cents` WHERE `id` = NEW.`order_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `order_lines_au` AFTER UPDATE ON `order_lines` FOR EACH ROW
BEGIN
  DECLARE delta INT DEFAULT 0;
  IF NEW.`quantity` <> OLD.`quantity` OR NEW.`unit_price_cents` <> OLD.`unit_price_cents` THEN
    SET delta = CASE WHEN NEW.`quantity` = 0 THEN -OLD.`quantity` * OLD.`unit_price_cents` ELSE NEW.`quantity` * NEW.`unit_price_cents` - OLD.`quantity` * OLD.`unit_price_cents` END;
    UPDATE `orders` SET `total_cents` = COALESCE(`total_cents`, 0) + delta WHERE `id` = NEW.`order_id`;
  END IF;
END
--> statement-breakpoint
CREATE TRIGGER `customers_bi` BEFORE INSERT ON `customers` FOR EACH ROW SET NEW.`email` = LOWER(NEW.`email`);
