CREATE TABLE idempotency_records (
    slot        BINARY(32)  NOT NULL PRIMARY KEY,
    fingerprint BINARY(32)  NOT NULL,
    owner       BINARY(16)  NOT NULL,
    expires_at  DATETIME(6) NOT NULL,
    status      SMALLINT    NULL,
    headers     MEDIUMBLOB  NULL,
    body        MEDIUMBLOB  NULL,
    INDEX idempotency_records_expires_at_idx (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
