CREATE FUNCTION order_age(p_order bigint) RETURNS interval
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN o.placed_at IS NULL THEN interval '0' ELSE now() - o.placed_at END
    FROM orders o WHERE o.id = p_order;
END;
--> statement-breakpoint
CREATE PROCEDURE touch_order(p_order bigint)
LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO order_events (order_id, kind) VALUES (p_order, 'touched');
  UPDATE orders SET note = coalesce(note, '') WHERE id = p_order;
END;
