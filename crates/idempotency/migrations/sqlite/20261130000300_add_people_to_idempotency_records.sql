-- Who got the answer, what it took to get it (one permission per line), and whose data it shows.
ALTER TABLE idempotency_records ADD COLUMN user_id BLOB NULL;
ALTER TABLE idempotency_records ADD COLUMN rights TEXT NOT NULL DEFAULT '';
ALTER TABLE idempotency_records ADD COLUMN about_id BLOB NULL;

CREATE INDEX idempotency_records_user_id_idx ON idempotency_records (user_id);
CREATE INDEX idempotency_records_about_id_idx ON idempotency_records (about_id);
