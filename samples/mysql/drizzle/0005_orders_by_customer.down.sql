DROP INDEX `orders_customer_placed_at_idx` ON `orders`;
