UPDATE `products` SET `attributes` = JSON_OBJECT('empty', TRUE, 'note', 'was null; now is not') WHERE `attributes` IS NULL;--> statement-breakpoint
INSERT INTO `audit_log` (`happened_on`, `entity`, `payload`)
SELECT '2024-06-01', 'products', JSON_OBJECT('id', `id`, 'sku', `sku`) FROM `products` ORDER BY `id`;
