SET LOCAL statement_timeout = '5min';
UPDATE payments SET state = 'settled', settled_at = '2024-04-01T00:00:00Z' WHERE provider_ref IS NOT NULL;
--> statement-breakpoint
CREATE FUNCTION "reporting".settled_total() RETURNS bigint LANGUAGE sql STABLE SET search_path = public AS 'select coalesce(sum(amount_cents), 0) from payments where state = ''settled'';';
--> statement-breakpoint
INSERT INTO "reporting"."monthly ""net""; revenue" ("month", "amount; cents") SELECT date '2024-04-01', "reporting".settled_total();
