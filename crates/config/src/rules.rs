//! Rules that types alone do not say.

use palisade_core::Environment;

use crate::Problems;

/// Settings that know what would be wrong although each value by itself reads well: a secret too weak for
/// production, two limits in the wrong order.
pub trait Rules {
    /// Reports every broken rule with [`Problems::reject`].
    ///
    /// It is called even when some values could not be read, with the defaults in their place, so that one report
    /// holds everything; what it says of exactly those settings is left out.
    fn check(&self, environment: Environment, problems: &mut Problems);
}
