CREATE TABLE idempotency_records (
    slot        BLOB    NOT NULL PRIMARY KEY,
    fingerprint BLOB    NOT NULL,
    owner       BLOB    NOT NULL,
    expires_at  TEXT    NOT NULL,
    status      INTEGER NULL,
    headers     BLOB    NULL,
    body        BLOB    NULL
) STRICT;

CREATE INDEX idempotency_records_expires_at_idx ON idempotency_records (expires_at);
