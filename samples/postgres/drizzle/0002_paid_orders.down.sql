-- An enum loses no value: the type is made anew. An order that is paid is in the way, and stops this.
ALTER TYPE "public"."order_status" RENAME TO "order_status_with_paid";
--> statement-breakpoint
CREATE TYPE "public"."order_status" AS ENUM('placed', 'shipped');
--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "status" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "status" SET DATA TYPE "public"."order_status" USING "status"::text::"public"."order_status";
--> statement-breakpoint
ALTER TABLE "orders" ALTER COLUMN "status" SET DEFAULT 'placed';
--> statement-breakpoint
DROP TYPE "public"."order_status_with_paid";
