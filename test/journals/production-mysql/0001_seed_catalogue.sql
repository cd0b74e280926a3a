INSERT INTO `customers` (`id`, `email`, `full_name`, `created_at`) VALUES
  (1, 'ada@example.com', 'Ada Lovelace; Countess', '2024-01-02 03:04:05'),
  (2, 'grace@example.com', 'Grace "Amazing" Hopper', '2024-01-02 03:04:05'),
  (3, 'brien@example.com', 'O\'Brien -- not a comment # nor this', '2024-01-02 03:04:05')
ON DUPLICATE KEY UPDATE `email` = VALUES(`email`);
--> statement-breakpoint
INSERT INTO `products` (`id`, `sku`, `title`, `price_cents`, `attributes`) VALUES
  (1, 'TEA-1', "Tea \"loose\"; 100 g", 590, '{"origin": "Assam; India", "notes": ["malty", "/* strong */"]}'),
  (2, 'MUG-1', 'Mug ''blue''', 1290, '{"colour": "blue"}'),
  (3, 'POT-1', 'A back\\slash; pot', 3490, NULL);
--> statement-breakpoint
INSERT INTO `orders` (`id`, `customer_id`, `status`, `placed_at`) VALUES
  (1, 1, 'placed', '2024-02-01 10:00:00'),
  (2, 2, 'paid', '2024-02-02 10:00:00'),
  (3, 2, 'cancelled', '2024-02-03 10:00:00');
--> statement-breakpoint
INSERT INTO `order_lines` VALUES (1, 1, 1, 2, 590), (1, 2, 2, 1, 1290), (2, 1, 3, 1, 3490), (3, 1, 2, 4, 1290);
