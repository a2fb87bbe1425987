-- Texts are counted in code points on all three databases, so that each gives the same verdict.
-- Collation "C" orders them by bytes, as the other two databases do.
CREATE TABLE users (
    id             UUID        NOT NULL PRIMARY KEY,
    email          TEXT        NOT NULL COLLATE "C" CHECK (char_length(email) BETWEEN 3 AND 254),
    username       TEXT        NOT NULL COLLATE "C" CHECK (char_length(username) BETWEEN 3 AND 50),
    -- The username in lower case: two names that differ only in case are one name.
    username_lower TEXT        NOT NULL COLLATE "C" CHECK (char_length(username_lower) BETWEEN 3 AND 50),
    name           TEXT        COLLATE "C" CHECK (char_length(name) BETWEEN 1 AND 100),
    -- What `q` searches: e-mail, username and name in lower case, one per line.
    search_text    TEXT        NOT NULL COLLATE "C",
    -- A JSON array of role names in order.
    roles          TEXT        NOT NULL COLLATE "C",
    status         TEXT        NOT NULL COLLATE "C" CHECK (status IN ('active', 'disabled')),
    -- A PHC string; null for who has no password yet.
    password_hash  TEXT,
    version        BIGINT      NOT NULL CHECK (version >= 1),
    created_at     TIMESTAMPTZ NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_lower_key UNIQUE (username_lower)
);

CREATE INDEX users_created_at ON users (created_at, id);

-- One row: whoever changes who is an administrator holds it, so that such changes go one after the other.
CREATE TABLE users_admin_guard (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    changes BIGINT NOT NULL
);

INSERT INTO users_admin_guard (id, changes) VALUES (1, 0);
