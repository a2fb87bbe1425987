"""schemathesis asks every operation of the API document whatever the document allows and forbids: no 5xx, no panic, no answer that the document does not tell of."""
