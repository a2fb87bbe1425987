-- Texts are counted in code points on all three databases, so that each gives the same verdict.
-- The binary collation orders and compares them by bytes, as the other two databases do.
CREATE TABLE users (
    id             BINARY(16)    NOT NULL PRIMARY KEY,
    email          VARCHAR(254)  NOT NULL CHECK (char_length(email) >= 3),
    username       VARCHAR(50)   NOT NULL CHECK (char_length(username) >= 3),
    -- The username in lower case: two names that differ only in case are one name.
    username_lower VARCHAR(50)   NOT NULL CHECK (char_length(username_lower) >= 3),
    name           VARCHAR(100)  NULL CHECK (char_length(name) >= 1),
    -- What `q` searches: e-mail, username and name in lower case, one per line.
    search_text    TEXT          NOT NULL,
    -- A JSON array of role names in order.
    roles          TEXT          NOT NULL,
    status         VARCHAR(20)   NOT NULL CHECK (status IN ('active', 'disabled')),
    -- A PHC string; null for who has no password yet.
    password_hash  TEXT          NULL,
    version        BIGINT        NOT NULL CHECK (version >= 1),
    created_at     DATETIME(6)   NOT NULL,
    updated_at     DATETIME(6)   NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_lower_key UNIQUE (username_lower),
    INDEX users_created_at (created_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row: whoever changes who is an administrator holds it, so that such changes go one after the other.
CREATE TABLE users_admin_guard (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    changes BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO users_admin_guard (id, changes) VALUES (1, 0);
