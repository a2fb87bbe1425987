//! The edge under pressure.

mod slow;
