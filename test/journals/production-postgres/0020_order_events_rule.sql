CREATE TABLE "order_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"order_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp with time zone DEFAULT '2024-01-01T00:00:00Z' NOT NULL
);
--> statement-breakpoint
CREATE RULE "payments_are_events" AS ON INSERT TO "payments" DO ALSO (
  INSERT INTO "order_events" ("order_id", "kind") VALUES (NEW."order_id", 'payment');
  INSERT INTO "order_events" ("order_id", "kind") VALUES (NEW."order_id", 'touched; twice')
);
--> statement-breakpoint
INSERT INTO "payments" ("order_id", "amount_cents", "provider", "provider_ref") VALUES (2, 3490, 'stripe', 'pi_1');
