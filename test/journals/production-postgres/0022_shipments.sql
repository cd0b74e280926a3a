CREATE TABLE "shipments" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"order_id" bigint NOT NULL,
	"warehouse_id" integer NOT NULL,
	"window" tstzrange NOT NULL,
	"dock" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "shipments" ADD CONSTRAINT "shipments_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action DEFERRABLE INITIALLY DEFERRED;--> statement-breakpoint
ALTER TABLE shipments ADD CONSTRAINT shipments_no_overlap EXCLUDE USING gist ("window" WITH &&);
CREATE SEQUENCE shipment_labels AS bigint START 100000 INCREMENT 7;
ALTER TABLE shipments ADD COLUMN label bigint NOT NULL DEFAULT nextval('shipment_labels');
ALTER SEQUENCE shipment_labels OWNED BY shipments.label;
