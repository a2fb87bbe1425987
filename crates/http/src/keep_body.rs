//! The mark of a non-2xx response whose body is its own.

/// Put into a response's extensions, it tells the error renderer to leave the body alone. For the few answers
/// whose non-2xx body is part of their contract, such as `/health/ready` with 503.
#[derive(Debug, Clone, Copy)]
pub struct KeepBody;
