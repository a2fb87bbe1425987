//! The mark of a request that the listener wants refused.

/// Marks a request, in its extensions, that must be refused before any other work. The listener sets it for clients that
/// ignore `Retry-After` (`RefusalPacing` in `palisade-listener`), and the layer `LoadShed` of `palisade-http` refuses the
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedAway;
