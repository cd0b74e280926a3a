CALL `archive_orders`('2024-02-02 00:00:00', @archived);
