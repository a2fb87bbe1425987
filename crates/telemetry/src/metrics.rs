//! Metrics: declared once, measured through handles, received by whatever the program chose.
//!
//! A crate declares what it measures with [`metrics!`](crate::metrics!): name, kind, labels and, as the doc comment, what
//! it tells. That declaration is the source of the exposition, of `docs/metrics.md` and of what dashboards and alerts are
//! checked against. The crate then measures through the fields of the struct that the macro writes, and knows no backend.
//!
//! ```
//! use std::sync::Arc;
//! use palisade_telemetry::metrics::{Registry, Telemetry};
//!
//! palisade_telemetry::metrics! {
//!     /// What the kitchen measures.
//!     pub struct Metrics {
//!         /// Meals that went out.
//!         served: Counter["dish"] = "kitchen_meals_total",
//!         /// How long a meal took.
//!         duration: Histogram[] = "kitchen_meal_duration_seconds",
//!     }
//! }
//!
//! let registry = Arc::new(Registry::new());
//! let metrics = Metrics::new(&(registry.clone() as Arc<dyn Telemetry>));
//! metrics.served.with(["soup"]).increment();
//! metrics.duration.with([]).observe(0.25);
//! assert_eq!(registry.read().iter().map(|family| family.series.len()).sum::<usize>(), 2);
//!
//! // Measures nothing, at the cost of one look at a pointer.
//! Metrics::default().served.with(["soup"]).increment();
//! ```
//!
//! A backend of one's own is ten lines:
//!
//! ```
//! use std::{net::UdpSocket, sync::Arc};
//! use palisade_telemetry::metrics::{Declaration, Measure, Measurement, Telemetry};
//!
//! /// Sends each measurement to a statsd server.
//! struct Statsd(Arc<UdpSocket>);
//!
//! impl Telemetry for Statsd {
//!     fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
//!         let (socket, name) = (Arc::clone(&self.0), format!("{}.{}", metric.name, labels.join(".")));
//!         Some(Arc::new(move |measurement: Measurement<'_>| {
//!             if let Measurement::Add(count) = measurement {
//!                 let _ = socket.send(format!("{name}:{count}|c").as_bytes());
//!             }
//!         }))
//!     }
//! }
//! ```

mod cell;
mod common;
mod declaration;
mod declare;
mod document;
mod family;
mod handle;
mod log;
mod registry;
mod telemetry;

pub use cell::{Exemplar, Reading};
pub use common::{Common, Operation, Outcome};
pub use declaration::{Buckets, Declaration, MetricKind};
pub use document::markdown;
pub use family::{Family, OVERFLOW};
pub use handle::{Counter, Gauge, Handle, Histogram};
pub use log::{LogTelemetry, METRIC_TARGET};
pub use registry::{FamilyReading, Registry, SeriesReading};
pub use telemetry::{Measure, Measurement, Off, Several, Telemetry};
