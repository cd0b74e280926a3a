CREATE TABLE "invoices" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"order_id" bigint NOT NULL,
	"number" text GENERATED ALWAYS AS (('INV-' || lpad(order_id::text, 8, '0'))) STORED,
	"issued_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invoices_number_unique" UNIQUE NULLS NOT DISTINCT("number")
);
--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
INSERT INTO "invoices" ("order_id", "issued_at") SELECT "id", "placed_at" FROM "orders" WHERE "placed_at" IS NOT NULL ORDER BY "id";
