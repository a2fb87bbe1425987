CREATE TABLE event_deliveries (
    id          uuid         NOT NULL PRIMARY KEY,
    event_id    uuid         NOT NULL,
    event       varchar(100) NOT NULL,
    subscriber  varchar(100) NOT NULL,
    payload     text         NOT NULL,
    recorded_at timestamptz  NOT NULL,
    request_id  varchar(128) NULL,
    traceparent varchar(64)  NULL,
    attempts    integer      NOT NULL,
    due_at      timestamptz  NULL,
    problem     varchar(500) NULL
);

CREATE INDEX event_deliveries_due_at_idx ON event_deliveries (due_at);
