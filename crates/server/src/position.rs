//! Where layers of a program's own stand.

/// Where a layer of the program's own stands among those of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Inside of the layers that observe (request id, log, metrics, error renderer), outside of all that refuse.
    Edge,
    /// Inside of the layers that bound requests (hosts, CORS, load, time, bodies), outside of the rate limit and of
    /// access control.
    BeforeAccess,
    /// Around the handlers. The caller is known.
    Handlers,
}
