-- An order that is paid is in the way, and stops this.
ALTER TABLE `orders` MODIFY COLUMN `status` enum('placed','shipped') NOT NULL DEFAULT 'placed';
