SET @rank := 0;--> statement-breakpoint
ALTER TABLE `products` ADD `position` int;--> statement-breakpoint
UPDATE `products` SET `position` = (@rank := @rank + 10) ORDER BY `sku`;
