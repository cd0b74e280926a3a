CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY,
  happened_at timestamptz NOT NULL,
  actor text,
  entity text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (id, happened_at)
) PARTITION BY RANGE (happened_at);
--> statement-breakpoint
DO $do$
DECLARE
  month date := date '2024-01-01';
BEGIN
  WHILE month < date '2024-07-01' LOOP
    EXECUTE format(
      $fmt$CREATE TABLE %I PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L);$fmt$,
      'audit_log_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month'
    );
    month := month + interval '1 month';
  END LOOP;
END
$do$;
--> statement-breakpoint
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE INDEX audit_log_entity_idx ON audit_log (entity, happened_at);
