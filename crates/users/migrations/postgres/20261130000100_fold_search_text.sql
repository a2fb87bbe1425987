-- What the program folds from now on: the letters whose lower case is not their folded form. They are named by their
-- bytes, because a database in another encoding than UTF8 could not read them here.
DO $$
BEGIN
    IF getdatabaseencoding() = 'UTF8' THEN
        UPDATE users
        SET search_text = replace(
            replace(search_text, convert_from('\xc39f', 'UTF8'), 'ss'),
            convert_from('\xcf82', 'UTF8'), convert_from('\xcf83', 'UTF8'))
        WHERE search_text LIKE '%' || convert_from('\xc39f', 'UTF8') || '%'
           OR search_text LIKE '%' || convert_from('\xcf82', 'UTF8') || '%';
    END IF;
END
$$;
