ALTER TABLE audit_log DETACH PARTITION audit_log_2024_01;
--> statement-breakpoint
ALTER TABLE audit_log_2024_01 RENAME TO audit_archive;
--> statement-breakpoint
DROP TABLE audit_log_2024_02;
--> statement-breakpoint
INSERT INTO audit_log (happened_at, actor, entity, payload) VALUES ('2024-03-05T00:00:00Z', 'migration', 'orders', '{"why": "seed; of the audit"}');
