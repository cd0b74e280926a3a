CREATE TABLE `api_keys` (
	`id` varchar(36) NOT NULL DEFAULT (uuid()),
	`hash` binary(32) NOT NULL,
	`scopes` json NOT NULL,
	`created_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`updated_at` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
	CONSTRAINT `api_keys_id` PRIMARY KEY(`id`)
);
