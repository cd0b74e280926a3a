-- A contract: `nest-migrate down` refuses to come here where there are data. This is for databases of tests.
ALTER TABLE `orders` ADD `note` varchar(500);
--> statement-breakpoint
UPDATE `orders` SET `note` = `comment`;
--> statement-breakpoint
ALTER TABLE `orders` MODIFY COLUMN `channel` varchar(16);
