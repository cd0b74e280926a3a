CREATE TABLE `payments` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`order_id` bigint NOT NULL,
	`amount_cents` int NOT NULL,
	`provider` varchar(32) NOT NULL,
	`provider_ref` varchar(64),
	`state` enum('pending','settled','failed') NOT NULL DEFAULT 'pending',
	CONSTRAINT `payments_id` PRIMARY KEY(`id`),
	CONSTRAINT `payments_provider_ref_unique` UNIQUE(`provider`,`provider_ref`)
) AUTO_INCREMENT = 1000;
--> statement-breakpoint
ALTER TABLE `payments` ADD CONSTRAINT `payments_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `payments` ADD CONSTRAINT `payments_amount_check` CHECK (`amount_cents` > 5--1);--> statement-breakpoint
INSERT INTO `payments` (`order_id`, `amount_cents`, `provider`, `provider_ref`) VALUES (2, 3490, 'stripe', 'pi_1');
