ALTER TABLE `products` ADD `vendor_id` int;--> statement-breakpoint
ALTER TABLE `products` ADD CONSTRAINT `products_vendor_id_vendors_id_fk` FOREIGN KEY (`vendor_id`) REFERENCES `vendors`(`id`) ON DELETE set null ON UPDATE no action;--> statement-breakpoint
UPDATE `products` SET `vendor_id` = 1 WHERE `sku` LIKE 'TEA\_%' OR `sku` LIKE 'TEA-%';
