//! A request that the listener has given up.

/// Marks a request, in its extensions, that a layer is to refuse before any other work. The listener sets it for clients
/// that ignore `Retry-After` (`RefusalPacing` in `palisade-listener`); the layer `LoadShed` in `palisade-http` refuses
/// the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedAway;
