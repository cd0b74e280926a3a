DO $$ BEGIN
 CREATE TYPE "public"."payment_state" AS ENUM('pending', 'settled', 'failed');
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
--> statement-breakpoint
DO $$ BEGIN
 IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'payments' AND column_name = 'state') THEN
  ALTER TABLE "payments" ADD COLUMN "state" "payment_state" DEFAULT 'pending' NOT NULL;
 END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN IF NOT EXISTS "settled_at" timestamp with time zone;
