//! What a crate measures with.

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::TraceContext;

use super::{Measure, Measurement};

type Receiver = Option<Arc<dyn Measure>>;

/// A handle of one series: [`Counter`], [`Gauge`] or [`Histogram`]. A default one measures nothing.
pub trait Handle: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// A handle that measures into `receiver`.
    fn new(receiver: Option<Arc<dyn Measure>>) -> Self;
}

/// Counts what happens.
#[derive(Clone, Default)]
pub struct Counter(Receiver);

impl Counter {
    /// One more.
    pub fn increment(&self) {
        self.add(1);
    }

    /// So many more.
    #[inline]
    pub fn add(&self, count: u64) {
        if let Some(receiver) = &self.0 {
            receiver.measure(Measurement::Add(count));
        }
    }

    /// How many there have been in all, of what is counted elsewhere.
    #[expect(clippy::cast_precision_loss, reason = "a total is shown as a float, exact below 2⁵³")]
    pub fn total(&self, count: u64) {
        self.total_of(count as f64);
    }

    /// The same of what is no whole number, such as seconds.
    pub fn total_of(&self, amount: f64) {
        if let Some(receiver) = &self.0 {
            receiver.measure(Measurement::Total(amount));
        }
    }
}

/// Shows a value that goes up and down.
#[derive(Clone, Default)]
pub struct Gauge(Receiver);

impl Gauge {
    /// The present value.
    #[inline]
    pub fn set(&self, value: f64) {
        if let Some(receiver) = &self.0 {
            receiver.measure(Measurement::Set(value));
        }
    }

    /// The same for a number of things.
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, exact below 2⁵³")]
    pub fn set_count(&self, count: usize) {
        self.set(count as f64);
    }

    /// 1 or 0.
    pub fn set_flag(&self, flag: bool) {
        self.set(f64::from(u8::from(flag)));
    }
}

/// Counts values in buckets.
#[derive(Clone, Default)]
pub struct Histogram(Receiver);

impl Histogram {
    /// Counts a value.
    pub fn observe(&self, value: f64) {
        self.observe_in(value, None);
    }

    /// Counts a duration, in seconds.
    pub fn observe_duration(&self, duration: Duration) {
        self.observe(duration.as_secs_f64());
    }

    /// Counts a size, in bytes.
    #[expect(clippy::cast_precision_loss, reason = "nothing has 2⁵³ bytes")]
    pub fn observe_bytes(&self, bytes: u64) {
        self.observe(bytes as f64);
    }

    /// Counts a value that was measured in `trace`, which becomes the bucket's exemplar where it is recorded.
    #[inline]
    pub fn observe_in(&self, value: f64, trace: Option<&TraceContext>) {
        if let Some(receiver) = &self.0 {
            receiver.measure(Measurement::Observe(value, trace));
        }
    }
}

macro_rules! handle {
    ($($Handle:ident),+) => {
        $(
            impl $Handle {
                /// Whether anybody wants what it measures: where finding out is dear, it can be left undone.
                #[must_use]
                pub const fn is_on(&self) -> bool {
                    self.0.is_some()
                }
            }

            impl Handle for $Handle {
                fn new(receiver: Option<Arc<dyn Measure>>) -> Self {
                    Self(receiver)
                }
            }

            impl fmt::Debug for $Handle {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(concat!(stringify!($Handle), "("))?;
                    f.write_str(if self.is_on() { "on)" } else { "off)" })
                }
            }
        )+
    };
}

handle!(Counter, Gauge, Histogram);
