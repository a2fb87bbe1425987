-- Texts are counted in code points on all three databases, so that each gives the same verdict.
CREATE TABLE users (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email          TEXT    NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    username       TEXT    NOT NULL CHECK (length(username) BETWEEN 3 AND 50),
    -- The username in lower case: two names that differ only in case are one name.
    username_lower TEXT    NOT NULL CHECK (length(username_lower) BETWEEN 3 AND 50),
    name           TEXT    CHECK (length(name) BETWEEN 1 AND 100),
    -- What `q` searches: e-mail, username and name in lower case, one per line.
    search_text    TEXT    NOT NULL,
    -- A JSON array of role names in order.
    roles          TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    -- A PHC string; null for who has no password yet.
    password_hash  TEXT,
    version        INTEGER NOT NULL CHECK (version >= 1),
    created_at     TEXT    NOT NULL,
    updated_at     TEXT    NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_lower_key UNIQUE (username_lower)
) STRICT;

CREATE INDEX users_created_at ON users (created_at, id);

-- One row: whoever changes who is an administrator holds it, so that such changes go one after the other.
CREATE TABLE users_admin_guard (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    changes INTEGER NOT NULL
) STRICT;

INSERT INTO users_admin_guard (id, changes) VALUES (1, 0);
