CREATE TABLE `migration_operations` (
	`scope` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`id` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`kind` varchar(32) NOT NULL,
	`spec` json NOT NULL,
	`spec_hash` char(64) NOT NULL,
	`state` varchar(16) NOT NULL,
	`action` int NOT NULL DEFAULT 0,
	`undo_until` varchar(16) NOT NULL,
	`objects` json NOT NULL DEFAULT ('[]'),
	`conflicts` bigint NOT NULL DEFAULT 0,
	`fence` bigint unsigned NOT NULL,
	`entered_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
	`detail` json,
	CONSTRAINT `migration_operations_scope_id_pk` PRIMARY KEY(`scope`,`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
--> statement-breakpoint
CREATE TABLE `migration_progress` (
	`scope` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`id` varchar(200) character set ascii collate ascii_bin NOT NULL,
	`pass` varchar(8) character set ascii collate ascii_bin NOT NULL,
	`range_no` int NOT NULL,
	`from_pk` json,
	`cursor_pk` json,
	`bound_pk` json,
	`rows_done` bigint NOT NULL DEFAULT 0,
	`rows_changed` bigint NOT NULL DEFAULT 0,
	`batch` int NOT NULL,
	`want` varchar(8) character set ascii collate ascii_bin NOT NULL DEFAULT 'run',
	`max_rate` int,
	`failures` json NOT NULL DEFAULT ('[]'),
	`fence` bigint unsigned NOT NULL,
	`started_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
	`updated_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
	`finished_at` timestamp(3) null,
	CONSTRAINT `migration_progress_scope_id_pass_range_no_pk` PRIMARY KEY(`scope`,`id`,`pass`,`range_no`)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
