//! Units of work: writes of several stores that happen together or not at all, and the domain events that are recorded in
//! them.
//!
//! A service opens a [`UnitOfWork`], writes with each store in it, records what has happened, and commits. Other domains hear
//! of the event without a dependency on the one that tells: in the transaction ([`InTransaction`]) or after the commit
//! ([`AfterCommit`]), at least once, whatever process ends in between (the transactional outbox of Chris Richardson,
//! "Microservices Patterns", 2018, §3.3).
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use palisade_core::{Error, Result};
//! use palisade_events::{Delivery, Event, MemoryTable, Subscriptions, Units};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct OrderPlaced {
//!     item: String,
//! }
//!
//! impl Event for OrderPlaced {
//!     const NAME: &'static str = "order.placed";
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let sent = Arc::new(Mutex::new(Vec::new()));
//! let mailbox = Arc::clone(&sent);
//! let confirm = move |placed: Delivery<OrderPlaced>| {
//!     mailbox.lock().unwrap().push(placed.event.item);
//!     std::future::ready(Ok(()))
//! };
//! let units = Units::in_memory();
//! units.subscribe(Subscriptions::default().after_commit("mail.confirm", confirm));
//! let (orders, stock) = (MemoryTable::<Vec<String>>::default(), MemoryTable::<u32>::default());
//! stock.change(|left| *left = 1).await?;
//!
//! let place = |item: &'static str| {
//!     let (orders, stock) = (&orders, &stock);
//!     units.run(move |mut unit| async move {
//!         orders.write(&mut unit).await?.push(item.to_owned());
//!         let left = stock.write(&mut unit).await?;
//!         *left = left.checked_sub(1).ok_or_else(|| Error::conflict("It is sold out"))?;
//!         unit.record(&OrderPlaced { item: item.to_owned() }).await?;
//!         unit.commit().await
//!     })
//! };
//! place("lamp").await?;
//! assert!(place("chair").await.is_err());
//! assert_eq!((&*orders.read(), *stock.read()), (&vec!["lamp".to_owned()], 0));
//! assert_eq!(*sent.lock().unwrap(), ["lamp"]);
//! # Ok(())
//! # }
//! ```
//!
//! What it deliberately does not do: span two databases, keep a history of events (a delivery is removed once it is made), or
//! deliver exactly once (no outbox can; [`Delivery::event_id`] tells repetitions).

mod contention;
mod delivery;
mod event;
#[cfg(feature = "sql")]
mod lanes;
mod metrics;
#[cfg(feature = "sql")]
mod notes;
#[cfg(feature = "sql")]
mod relay;
#[cfg(feature = "sql")]
mod settings;
#[cfg(feature = "sql")]
mod store;
mod subscriber;
mod table;
mod unit;
mod units;

pub use contention::Contention;
pub use delivery::Delivery;
pub use event::{Event, MAX_EVENT_BYTES};
pub use metrics::METRICS;
#[cfg(feature = "sql")]
pub use relay::Relay;
#[cfg(feature = "sql")]
pub use settings::Settings;
#[cfg(feature = "sql")]
pub use store::{Counts, MIGRATIONS, Outbox, Waiting};
pub use subscriber::{AfterCommit, InTransaction, Subscriptions};
pub use table::MemoryTable;
#[cfg(feature = "sql")]
pub use unit::Settle;
pub use unit::UnitOfWork;
pub use units::Units;
#[cfg(feature = "sql")]
pub use units::UnitsParts;
