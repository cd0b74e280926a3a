DELETE FROM `products` WHERE `sku` IN ('tea', 'mug', 'pot');
