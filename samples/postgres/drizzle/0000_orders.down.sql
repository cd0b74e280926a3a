DROP TABLE "order_lines";
--> statement-breakpoint
DROP TABLE "orders";
--> statement-breakpoint
DROP TABLE "products";
--> statement-breakpoint
DROP TYPE "public"."order_status";
