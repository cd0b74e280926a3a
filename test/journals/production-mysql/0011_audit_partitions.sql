CREATE TABLE `audit_log` (
	`id` bigint NOT NULL AUTO_INCREMENT,
	`happened_on` date NOT NULL,
	`entity` varchar(64) NOT NULL,
	`payload` json,
	PRIMARY KEY (`id`, `happened_on`),
	KEY `audit_log_entity_idx` (`entity`, `happened_on`)
)
PARTITION BY RANGE COLUMNS (`happened_on`) (
	PARTITION p2024_01 VALUES LESS THAN ('2024-02-01'),
	PARTITION p2024_02 VALUES LESS THAN ('2024-03-01'),
	PARTITION p_rest VALUES LESS THAN (MAXVALUE)
);
--> statement-breakpoint
INSERT INTO `audit_log` (`happened_on`, `entity`, `payload`) VALUES ('2024-01-05', 'orders', '{"a": 1}'), ('2024-02-05', 'orders', '{"a": 2}'), ('2024-05-05', 'orders', '{"why": "seed; of the audit"}');
--> statement-breakpoint
ALTER TABLE `audit_log` REORGANIZE PARTITION p_rest INTO (PARTITION p2024_03 VALUES LESS THAN ('2024-04-01'), PARTITION p_rest VALUES LESS THAN (MAXVALUE));
