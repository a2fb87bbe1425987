-- Who got the answer, what it took to get it (one permission per line), and whose data it shows.
ALTER TABLE idempotency_records
    ADD COLUMN user_id  BINARY(16) NULL,
    ADD COLUMN rights   TEXT       NOT NULL DEFAULT (''),
    ADD COLUMN about_id BINARY(16) NULL,
    ADD INDEX idempotency_records_user_id_idx (user_id),
    ADD INDEX idempotency_records_about_id_idx (about_id);
