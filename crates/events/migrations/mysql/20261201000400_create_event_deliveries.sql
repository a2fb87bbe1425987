CREATE TABLE event_deliveries (
    id          BINARY(16)   NOT NULL PRIMARY KEY,
    event_id    BINARY(16)   NOT NULL,
    event       VARCHAR(100) NOT NULL,
    subscriber  VARCHAR(100) NOT NULL,
    payload     MEDIUMTEXT   NOT NULL,
    recorded_at DATETIME(6)  NOT NULL,
    request_id  VARCHAR(128) NULL,
    traceparent VARCHAR(64)  NULL,
    attempts    INT          NOT NULL,
    due_at      DATETIME(6)  NULL,
    problem     VARCHAR(500) NULL,
    INDEX event_deliveries_due_at_idx (due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
