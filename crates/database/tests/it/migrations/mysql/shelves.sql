-- A semicolon in a comment; and one in a string below.
CREATE TABLE shelves (
    id BINARY(16) NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    CONSTRAINT shelves_name_key UNIQUE (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE books (
    id BINARY(16) NOT NULL PRIMARY KEY,
    shelf_id BINARY(16) NULL,
    title VARCHAR(190) NOT NULL DEFAULT 'un;titled',
    is_lent BOOLEAN NULL,
    pages BIGINT NULL,
    copies INTEGER NULL,
    weight DOUBLE PRECISION NULL,
    printed_at DATETIME(6) NULL,
    cover BLOB NULL,
    tags JSON NULL,
    tags_text VARCHAR(190) NULL,
    CONSTRAINT books_shelf_id_title_key UNIQUE (shelf_id, title),
    CONSTRAINT books_shelf_id_fkey FOREIGN KEY (shelf_id) REFERENCES shelves (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
