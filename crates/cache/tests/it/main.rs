//! The tests of palisade-cache on real parts.

mod write_behind;
