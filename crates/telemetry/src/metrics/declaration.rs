//! What is said of a metric, once.

/// A metric as it is declared by the crate that owns it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Declaration {
    /// Its name as Prometheus wants it (<https://prometheus.io/docs/practices/naming>): the unit as a suffix, counters
    /// end in `_total`.
    pub name: &'static str,
    /// What its value does.
    pub kind: MetricKind,
    /// The names of its labels, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// What it tells, in a sentence or two.
    pub help: &'static str,
    /// Upper bounds of a histogram's buckets, ascending; empty for other kinds.
    pub buckets: &'static [f64],
    /// Most label sets. What comes beyond is measured under the value `other` in each label.
    pub max_series: usize,
}

impl Declaration {
    /// Most label sets of a metric that names no bound of its own.
    pub const MAX_SERIES: usize = 1_000;

    /// The unit at the end of its name: `seconds`, `bytes`, `percent`, or none.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        let stem = self.name.strip_suffix("_total").unwrap_or(self.name);
        ["seconds", "bytes", "percent"]
            .into_iter()
            .find(|unit| stem.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')))
    }
}

/// What a metric's value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Values are counted in buckets.
    Histogram,
}

impl MetricKind {
    /// Its name in documents and in the exposition.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Bounds of buckets that suit most.
#[derive(Debug, Clone, Copy)]
pub struct Buckets;

impl Buckets {
    /// Seconds, for what is waited for: from a millisecond to ten seconds.
    pub const LATENCY: &'static [f64] =
        &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    /// Bytes, from a hundred to ten million.
    pub const SIZE: &'static [f64] = &[100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0];

    /// Those that suit a metric of this name and kind.
    #[doc(hidden)]
    #[must_use]
    pub const fn of(name: &str, kind: MetricKind) -> &'static [f64] {
        match kind {
            MetricKind::Histogram if ends_with(name.as_bytes(), b"_bytes") => Self::SIZE,
            MetricKind::Histogram => Self::LATENCY,
            MetricKind::Counter | MetricKind::Gauge => &[],
        }
    }
}

/// `str::ends_with`, which is not `const`.
const fn ends_with(mut text: &[u8], mut end: &[u8]) -> bool {
    while let ([text_rest @ .., last], [end_rest @ .., wanted]) = (text, end) {
        if *last != *wanted {
            return false;
        }
        (text, end) = (text_rest, end_rest);
    }
    end.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_what_its_name_says() {
        assert_eq!(Buckets::of("http_request_size_bytes", MetricKind::Histogram), Buckets::SIZE);
        assert_eq!(Buckets::of("wait_seconds", MetricKind::Histogram), Buckets::LATENCY);
        assert_eq!(Buckets::of("bytes", MetricKind::Histogram), Buckets::LATENCY);
        assert!(Buckets::of("memory_usage_bytes", MetricKind::Gauge).is_empty());
    }

    #[test]
    fn the_unit_is_the_last_word_of_the_name() {
        let named = |name| Declaration {
            name,
            kind: MetricKind::Counter,
            labels: &[],
            help: "",
            buckets: &[],
            max_series: Declaration::MAX_SERIES,
        };
        assert_eq!(named("process_cpu_seconds_total").unit(), Some("seconds"));
        assert_eq!(named("memory_usage_bytes").unit(), Some("bytes"));
        assert_eq!(named("seconds").unit(), None);
        assert_eq!(named("cache_entries").unit(), None);
    }
}
