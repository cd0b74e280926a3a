ALTER TABLE `order_lines` ADD `line_total_cents` int GENERATED ALWAYS AS (`quantity` * `unit_price_cents`) STORED;--> statement-breakpoint
ALTER TABLE `customers` ADD `email_domain` varchar(255) GENERATED ALWAYS AS (SUBSTRING_INDEX(`email`, '@', -1)) VIRTUAL;--> statement-breakpoint
CREATE INDEX `customers_email_domain_idx` ON `customers` (`email_domain`);
