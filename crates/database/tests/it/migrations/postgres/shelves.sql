-- A semicolon in a comment; and one in a string below.
CREATE TABLE shelves (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    CONSTRAINT shelves_name_key UNIQUE (name)
);
CREATE TABLE books (
    id UUID NOT NULL PRIMARY KEY,
    shelf_id UUID NULL,
    title TEXT NOT NULL DEFAULT 'un;titled',
    is_lent BOOLEAN NULL,
    pages BIGINT NULL,
    copies INTEGER NULL,
    weight DOUBLE PRECISION NULL,
    printed_at TIMESTAMPTZ NULL,
    cover BYTEA NULL,
    tags JSONB NULL,
    tags_text TEXT NULL,
    CONSTRAINT books_shelf_id_title_key UNIQUE (shelf_id, title),
    CONSTRAINT books_shelf_id_fkey FOREIGN KEY (shelf_id) REFERENCES shelves (id)
);
