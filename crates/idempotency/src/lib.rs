//! The first answer to an `Idempotency-Key` is kept and given again.
