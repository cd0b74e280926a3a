/* Reserving stock; a block comment /* with a nested one; */ and a semicolon ; in it. */
CREATE OR REPLACE FUNCTION reserve_stock(p_product integer, p_quantity integer)
RETURNS integer
LANGUAGE plpgsql
AS $function$
DECLARE
  v_left integer := p_quantity;
  v_row record;
  v_sql text := $q$update inventory set reserved = reserved + $1 where warehouse_id = $2 and product_id = $3;$q$;
BEGIN
  FOR v_row IN SELECT warehouse_id, on_hand - reserved AS free FROM inventory WHERE product_id = p_product ORDER BY 2 DESC FOR UPDATE LOOP
    EXIT WHEN v_left <= 0;
    CASE
      WHEN v_row.free <= 0 THEN
        CONTINUE;
      ELSE
        EXECUTE v_sql USING least(v_row.free, v_left), v_row.warehouse_id, p_product;
        v_left := v_left - least(v_row.free, v_left);
    END CASE;
  END LOOP;
  IF v_left > 0 THEN
    RAISE EXCEPTION 'only % of % in stock; order rejected', p_quantity - v_left, p_quantity;
  END IF;
  RETURN p_quantity;
END;
$function$;
--> statement-breakpoint
CREATE PROCEDURE release_all() LANGUAGE plpgsql AS $$ BEGIN UPDATE inventory SET reserved = 0; END; $$;
--> statement-breakpoint
SELECT reserve_stock(1, 5);
