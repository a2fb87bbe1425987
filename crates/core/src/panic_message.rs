//! The text of a panic.

use std::any::Any;

/// Returns the message of a caught panic; `None` when its payload is no text.
///
/// ```
/// use palisade_core::panic_message;
///
/// let panic = std::panic::catch_unwind(|| panic!("no such page")).unwrap_err();
/// assert_eq!(panic_message(&*panic), Some("no such page"));
/// ```
#[must_use]
pub fn panic_message(panic: &(dyn Any + Send)) -> Option<&str> {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied())
}
