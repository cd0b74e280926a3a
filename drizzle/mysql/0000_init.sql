CREATE TABLE `migration_attempts` (
	`id` bigint unsigned AUTO_INCREMENT NOT NULL,
	`scope` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`kind` varchar(16) NOT NULL,
	`tag` varchar(255) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`file_checksum` char(64),
	`token_checksum` char(64),
	`created_at_ms` bigint,
	`impact` varchar(16),
	`requires` varchar(255),
	`state` varchar(16) NOT NULL,
	`statements` int NOT NULL DEFAULT 0,
	`statement_cursor` int NOT NULL DEFAULT 0,
	`in_flight` int,
	`objects_digest` char(64),
	`fence` bigint unsigned NOT NULL,
	`runner` varchar(64) NOT NULL,
	`build` varchar(255),
	`actor` varchar(255),
	`started_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
	`finished_at` timestamp(3) null,
	`error_code` varchar(64),
	`reason` text,
	`detail` json,
	CONSTRAINT `migration_attempts_id` PRIMARY KEY(`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
--> statement-breakpoint
CREATE TABLE `migration_library` (
	`version` varchar(64) NOT NULL,
	`hash` char(64) NOT NULL,
	`applied_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
	CONSTRAINT `migration_library_version` PRIMARY KEY(`version`)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
--> statement-breakpoint
CREATE TABLE `migration_lock` (
	`scope` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`part` varchar(8) character set ascii collate ascii_bin NOT NULL,
	`fence` bigint unsigned NOT NULL DEFAULT 0,
	`holder_id` varchar(64),
	`holder` json,
	`session_id` bigint unsigned,
	`session_start` varchar(64),
	`acquired_at` timestamp(3) null,
	`released_at` timestamp(3) null,
	`heartbeat_at` timestamp(3) null,
	`expires_at` timestamp(3) null,
	`fleet_seen` boolean NOT NULL DEFAULT false,
	CONSTRAINT `migration_lock_scope_part_pk` PRIMARY KEY(`scope`,`part`)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
--> statement-breakpoint
CREATE INDEX `migration_attempts_tag` ON `migration_attempts` (`scope`,`tag`,`id`);