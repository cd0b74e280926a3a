CREATE OR REPLACE FUNCTION notify_order() RETURNS trigger LANGUAGE plpgsql AS $_$
BEGIN
  PERFORM pg_notify('orders', json_build_object('id', NEW.id, 'sep', ';', 'money', '$$')::text);
  RETURN NULL;
END
$_$;
CREATE CONSTRAINT TRIGGER orders_notify AFTER INSERT OR UPDATE ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status <> 'draft') EXECUTE FUNCTION notify_order();
