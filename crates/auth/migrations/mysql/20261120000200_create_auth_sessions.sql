CREATE TABLE auth_sessions (
    id           BINARY(16)    NOT NULL PRIMARY KEY,
    user_id      BINARY(16)    NOT NULL,
    family_key   VARBINARY(32) NOT NULL,
    created_at   DATETIME(6)   NOT NULL,
    last_used_at DATETIME(6)   NOT NULL,
    expires_at   DATETIME(6)   NOT NULL,
    revoked_at   DATETIME(6)   NULL,
    user_agent   VARCHAR(256)  NULL,
    ip           VARCHAR(45)   NULL,
    INDEX auth_sessions_user_id_idx (user_id, last_used_at),
    INDEX auth_sessions_expires_at_idx (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE auth_refresh_tokens (
    token_hash BINARY(32)  NOT NULL PRIMARY KEY,
    session_id BINARY(16)  NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    used_at    DATETIME(6) NULL,
    INDEX auth_refresh_tokens_session_id_idx (session_id),
    INDEX auth_refresh_tokens_expires_at_idx (expires_at),
    CONSTRAINT auth_refresh_tokens_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES auth_sessions (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
