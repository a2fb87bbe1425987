//! What was measured, in the two text formats that Prometheus scrapes.
//!
//! ```
//! use palisade_telemetry::{metrics::Registry, prometheus::Exposition};
//!
//! let exposition = Exposition::for_accept(Some("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
//! assert_eq!(exposition, Exposition::OpenMetrics);
//! assert!(exposition.write(&Registry::new().read()).ends_with("# EOF\n"));
//! ```

mod text;

use crate::metrics::FamilyReading;

/// A text format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics 1.0, with exemplars
    /// (<https://prometheus.io/docs/specs/om/open_metrics_spec>).
    OpenMetrics,
    /// The older text format, version 0.0.4, which has none
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats>).
    Text,
}

impl Exposition {
    /// The format for whoever sends this `Accept` header: OpenMetrics where it is named and wanted no less than plain
    /// text (RFC 9110 §12.5.1), else plain text, which everybody reads.
    #[must_use]
    pub fn for_accept(accept: Option<&str>) -> Self {
        let quality = |wanted: &str| {
            let ranges = accept.unwrap_or_default().split(',').map(str::trim);
            ranges
                .filter(|range| media_type(range).eq_ignore_ascii_case(wanted))
                .map(quality)
                .fold(0.0, f64::max)
        };
        let open_metrics = quality("application/openmetrics-text");
        match open_metrics > 0.0 && open_metrics >= quality("text/plain") {
            true => Self::OpenMetrics,
            false => Self::Text,
        }
    }

    /// The media type of the text.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// The text of what was read.
    #[must_use]
    pub fn write(self, families: &[FamilyReading]) -> String {
        text::write(self, families)
    }
}

fn media_type(range: &str) -> &str {
    range.split(';').next().unwrap_or_default().trim()
}

fn quality(range: &str) -> f64 {
    let mut parameters = range.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let given = parameters.find(|(name, _)| name.eq_ignore_ascii_case("q"));
    given.map_or(1.0, |(_, value)| value.parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_metrics_is_for_those_who_ask_for_it() {
        for (accept, expected) in [
            (None, Exposition::Text),
            (Some("*/*"), Exposition::Text),
            (Some("text/plain"), Exposition::Text),
            (Some("application/openmetrics-text"), Exposition::OpenMetrics),
            (
                Some(
                    "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                ),
                Exposition::OpenMetrics,
            ),
            (Some("application/openmetrics-text;q=0.2, text/plain;q=0.9"), Exposition::Text),
            (Some("application/openmetrics-text;q=0"), Exposition::Text),
        ] {
            assert_eq!(Exposition::for_accept(accept), expected, "{accept:?}");
        }
    }
}
