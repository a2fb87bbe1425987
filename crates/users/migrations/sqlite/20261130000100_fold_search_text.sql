-- What the program folds from now on: the letters whose lower case is not their folded form.
UPDATE users
SET search_text = REPLACE(REPLACE(search_text, 'ß', 'ss'), 'ς', 'σ')
WHERE search_text LIKE '%ß%' OR search_text LIKE '%ς%';
