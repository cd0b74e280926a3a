-- Written on a Windows laptop;
-- core.autocrlf was on.
CREATE TABLE `suppliers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`name` varchar(100) NOT NULL DEFAULT 'A; B',
	CONSTRAINT `suppliers_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TRIGGER `suppliers_bu` BEFORE UPDATE ON `suppliers` FOR EACH ROW
BEGIN
  SET NEW.`name` = TRIM(NEW.`name`);
END;
--> statement-breakpoint
INSERT INTO `suppliers` (`name`) VALUES ('Tea; Co');
