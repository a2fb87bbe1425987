CREATE TABLE auth_sessions (
    id           uuid         NOT NULL PRIMARY KEY,
    user_id      uuid         NOT NULL,
    family_key   bytea        NOT NULL,
    created_at   timestamptz  NOT NULL,
    last_used_at timestamptz  NOT NULL,
    expires_at   timestamptz  NOT NULL,
    revoked_at   timestamptz  NULL,
    user_agent   varchar(256) NULL,
    ip           varchar(45)  NULL
);

CREATE INDEX auth_sessions_user_id_idx ON auth_sessions (user_id, last_used_at);
CREATE INDEX auth_sessions_expires_at_idx ON auth_sessions (expires_at);

CREATE TABLE auth_refresh_tokens (
    token_hash bytea       NOT NULL PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz NULL
);

CREATE INDEX auth_refresh_tokens_session_id_idx ON auth_refresh_tokens (session_id);
CREATE INDEX auth_refresh_tokens_expires_at_idx ON auth_refresh_tokens (expires_at);
