/* an ordinary comment; with a semicolon */
CREATE TABLE `sessions` (
	`id` char(36) NOT NULL,
	`data` text,
	PRIMARY KEY (`id`)
) /*!50100 ROW_FORMAT = DYNAMIC */ ENGINE = InnoDB;
--> statement-breakpoint
/*!50003 CREATE TRIGGER `sessions_bi` BEFORE INSERT ON `sessions` FOR EACH ROW BEGIN SET NEW.`data` = IFNULL(NEW.`data`, ';'); END */;
--> statement-breakpoint
INSERT /*+ NO_MERGE() */ INTO `sessions` (`id`) VALUES ('00000000-0000-0000-0000-000000000001');
