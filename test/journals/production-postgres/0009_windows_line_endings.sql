-- Written on a Windows laptop;
-- core.autocrlf was on.
CREATE TABLE "warehouses" (
	"id" serial PRIMARY KEY NOT NULL,
	"code" varchar(8) NOT NULL,
	"address" text DEFAULT 'line one' NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION warehouse_label(w warehouses) RETURNS text LANGUAGE sql STABLE AS $$
  select w.code || '; ' || w.address;
$$;
--> statement-breakpoint
INSERT INTO "warehouses" ("code") VALUES ('BER'), ('AMS');
