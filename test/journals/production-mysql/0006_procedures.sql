CREATE PROCEDURE `archive_orders`(IN p_before DATETIME, OUT p_count INT)
BEGIN
  DECLARE done INT DEFAULT FALSE;
  DECLARE v_id BIGINT;
  DECLARE c CURSOR FOR SELECT `id` FROM `orders` WHERE `placed_at` < p_before;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  SET p_count = 0;
  OPEN c;
  read_loop: LOOP
    FETCH c INTO v_id;
    IF done THEN
      LEAVE read_loop;
    END IF;
    CASE v_id % 2
      WHEN 0 THEN UPDATE `orders` SET `note` = 'archived; even' WHERE `id` = v_id;
      ELSE UPDATE `orders` SET `note` = 'archived; odd' WHERE `id` = v_id;
    END CASE;
    SET p_count = p_count + 1;
  END LOOP;
  CLOSE c;
END;
--> statement-breakpoint
CREATE PROCEDURE `count_down`(IN p_from INT)
BEGIN
  DECLARE i INT DEFAULT p_from;
  WHILE i > 0 DO
    SET i = i - 1;
  END WHILE;
  REPEAT
    SET i = i + 1;
  UNTIL i >= p_from END REPEAT;
END
--> statement-breakpoint
CREATE FUNCTION `order_label`(p_id BIGINT) RETURNS VARCHAR(64) DETERMINISTIC
BEGIN
  IF p_id < 10 THEN RETURN CONCAT('order; ', p_id); END IF;
  RETURN CASE WHEN p_id < 100 THEN CONCAT('0', p_id) ELSE CONCAT('', p_id) END;
END;
--> statement-breakpoint
CREATE FUNCTION `gross`(cents INT) RETURNS INT DETERMINISTIC NO SQL RETURN ROUND(cents * 1.19);
