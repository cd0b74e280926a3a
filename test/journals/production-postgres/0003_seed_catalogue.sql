INSERT INTO "customers" ("id", "email", "full_name", "created_at", "updated_at") VALUES
  (1, 'ada@example.com', 'Ada Lovelace; Countess', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'),
  (2, 'grace@example.com', 'Grace "Amazing" Hopper', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'),
  (3, 'brien@example.com', 'O''Brien -- not a comment', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z')
ON CONFLICT ("id") DO NOTHING;
--> statement-breakpoint
INSERT INTO "products" ("id", "sku", "title", "price_cents", "attributes", "updated_at") VALUES
  (1, 'TEA-1', E'Tea\tloose; 100 g', 590, '{"origin": "Assam; India", "notes": ["malty", "/* strong */"]}', '2024-01-02T03:04:05Z'),
  (2, 'MUG-1', 'Mug (blue)', 1290, '{"colour": "blue"}', '2024-01-02T03:04:05Z'),
  (3, 'POT-1', E'It\'s a pot', 3490, '{}', '2024-01-02T03:04:05Z');
--> statement-breakpoint
INSERT INTO "orders" ("id", "customer_id", "status", "placed_at", "updated_at") VALUES
  (1, 1, 'placed', '2024-02-01T10:00:00Z', '2024-02-01T10:00:00Z'),
  (2, 2, 'paid', '2024-02-02T10:00:00Z', '2024-02-02T10:00:00Z'),
  (3, 2, 'cancelled', '2024-02-03T10:00:00Z', '2024-02-03T10:00:00Z');
INSERT INTO "order_lines" VALUES (1, 1, 1, 2, 590), (1, 2, 2, 1, 1290), (2, 1, 3, 1, 3490), (3, 1, 2, 4, 1290);
SELECT setval('customers_id_seq', 3); SELECT setval('products_id_seq', 3); SELECT setval('orders_id_seq', 3);
