-- Written by hand: `drizzle-kit generate --custom --name product_catalogue`.
INSERT INTO `products` (`sku`, `title`, `price_cents`) VALUES
  ('tea', 'Tea; loose, 100 g', 590),
  ('mug', 'Mug, blue', 1290),
  ('pot', 'Teapot for two', 3490);
