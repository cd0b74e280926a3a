ALTER TABLE `customers` RENAME COLUMN `full_name` TO `display_name`;--> statement-breakpoint
ALTER TABLE `suppliers` RENAME TO `vendors`;--> statement-breakpoint
RENAME TABLE `sessions` TO `web_sessions`;
