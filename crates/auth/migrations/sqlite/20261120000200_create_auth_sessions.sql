CREATE TABLE auth_sessions (
    id           BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL,
    family_key   BLOB    NOT NULL,
    created_at   TEXT    NOT NULL,
    last_used_at TEXT    NOT NULL,
    expires_at   TEXT    NOT NULL,
    revoked_at   TEXT    NULL,
    user_agent   TEXT    NULL,
    ip           TEXT    NULL
) STRICT;

CREATE INDEX auth_sessions_user_id_idx ON auth_sessions (user_id, last_used_at);
CREATE INDEX auth_sessions_expires_at_idx ON auth_sessions (expires_at);

CREATE TABLE auth_refresh_tokens (
    token_hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL,
    used_at    TEXT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX auth_refresh_tokens_session_id_idx ON auth_refresh_tokens (session_id);
CREATE INDEX auth_refresh_tokens_expires_at_idx ON auth_refresh_tokens (expires_at);
