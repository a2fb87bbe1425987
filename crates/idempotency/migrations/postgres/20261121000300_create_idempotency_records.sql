CREATE TABLE idempotency_records (
    slot        bytea       NOT NULL PRIMARY KEY,
    fingerprint bytea       NOT NULL,
    owner       bytea       NOT NULL,
    expires_at  timestamptz NOT NULL,
    status      smallint    NULL,
    headers     bytea       NULL,
    body        bytea       NULL
);

CREATE INDEX idempotency_records_expires_at_idx ON idempotency_records (expires_at);
