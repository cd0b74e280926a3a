CREATE TABLE `monthly ``net``; revenue` (
	`month` date NOT NULL,
	`amount; cents` bigint NOT NULL,
	`Größe` decimal(12,2),
	`--note` varchar(50) NOT NULL DEFAULT '-- none; yet' COMMENT 'it''s a note; "really"',
	CONSTRAINT `monthly_month` PRIMARY KEY(`month`)
);
--> statement-breakpoint
INSERT INTO `monthly ``net``; revenue` (`month`, `amount; cents`, `Größe`) VALUES ('2024-04-01', 3490, 1.5);
