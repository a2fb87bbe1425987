CREATE TABLE event_deliveries (
    id          BLOB    NOT NULL PRIMARY KEY,
    event_id    BLOB    NOT NULL,
    event       TEXT    NOT NULL,
    subscriber  TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    recorded_at TEXT    NOT NULL,
    request_id  TEXT    NULL,
    traceparent TEXT    NULL,
    attempts    INTEGER NOT NULL,
    due_at      TEXT    NULL,
    problem     TEXT    NULL
) STRICT;

CREATE INDEX event_deliveries_due_at_idx ON event_deliveries (due_at);
