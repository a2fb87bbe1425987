//! The text itself.

use std::{fmt::Write as _, time::UNIX_EPOCH};

use super::Exposition;
use crate::metrics::{Declaration, Exemplar, FamilyReading, MetricKind, Reading, SeriesReading};

/// The text of what was read.
pub(super) fn write(exposition: Exposition, families: &[FamilyReading]) -> String {
    let mut text = Writer { text: String::new(), exposition };
    for family in families {
        text.family(family);
    }
    if exposition == Exposition::OpenMetrics {
        text.text.push_str("# EOF\n");
    }
    text.text
}

struct Writer {
    text: String,
    exposition: Exposition,
}

impl Writer {
    fn family(&mut self, family: &FamilyReading) {
        let metric = &family.declaration;
        // In OpenMetrics `_total` belongs to the sample; before it, to the metric.
        let name = match self.exposition {
            Exposition::OpenMetrics => metric.name.strip_suffix("_total").unwrap_or(metric.name),
            Exposition::Text => metric.name,
        };
        self.push(&["# HELP ", name, " "]);
        self.escaped(metric.help);
        self.push(&["\n# TYPE ", name, " ", metric.kind.name(), "\n"]);
        if let Some(unit) = metric.unit().filter(|_| self.exposition == Exposition::OpenMetrics) {
            self.push(&["# UNIT ", name, " ", unit, "\n"]);
        }
        for series in &family.series {
            self.series(metric, series);
        }
    }

    fn series(&mut self, metric: &Declaration, series: &SeriesReading) {
        match &series.value {
            Reading::Counter(value) | Reading::Gauge(value) => {
                self.name(metric, "", series);
                self.end_labels();
                self.value(*value);
                self.push(&["\n"]);
            }
            Reading::Histogram { sum, buckets } => {
                debug_assert_eq!(metric.kind, MetricKind::Histogram);
                let mut count = 0;
                for (bound, in_bucket, exemplar) in buckets {
                    count += in_bucket;
                    self.bucket(metric, series, (*bound, count), exemplar.as_ref());
                }
                self.name(metric, "_sum", series);
                self.end_labels();
                self.value(*sum);
                self.push(&["\n"]);
                self.name(metric, "_count", series);
                self.end_labels();
                self.push(&[itoa::Buffer::new().format(count), "\n"]);
            }
        }
    }

    fn bucket(
        &mut self,
        metric: &Declaration,
        series: &SeriesReading,
        (bound, count): (f64, u64),
        exemplar: Option<&Exemplar>,
    ) {
        self.name(metric, "_bucket", series);
        self.label("le", |text| text.float(bound));
        self.end_labels();
        self.push(&[itoa::Buffer::new().format(count)]);
        if let Some(exemplar) = exemplar.filter(|_| self.exposition == Exposition::OpenMetrics) {
            let at = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
            self.push(&[" # {trace_id=\"", &exemplar.trace.trace_id_text(), "\"} "]);
            self.value(exemplar.value);
            // A string takes everything.
            let _ = write!(self.text, " {}.{:03}", at.as_secs(), at.subsec_millis());
        }
        self.push(&["\n"]);
    }

    /// Writes the sample's name and the labels that all samples of a series have.
    fn name(&mut self, metric: &Declaration, suffix: &str, series: &SeriesReading) {
        self.push(&[metric.name, suffix]);
        for (name, value) in metric.labels.iter().zip(&series.labels) {
            self.label(name, |text| text.escaped(value));
        }
    }

    fn label(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        // After a name comes a brace, after a label's quote a comma.
        let before = if self.text.ends_with('"') { "," } else { "{" };
        self.push(&[before, name, "=\""]);
        value(self);
        self.push(&["\""]);
    }

    fn end_labels(&mut self) {
        let end = if self.text.ends_with('"') { "} " } else { " " };
        self.push(&[end]);
    }

    fn value(&mut self, value: f64) {
        match value {
            _ if value.is_nan() => self.push(&["NaN"]),
            f64::INFINITY => self.push(&["+Inf"]),
            f64::NEG_INFINITY => self.push(&["-Inf"]),
            _ => {
                let _ = write!(self.text, "{value}");
            }
        }
    }

    /// A bound, in the form that Prometheus 3 gives it in any format.
    fn float(&mut self, value: f64) {
        match value == f64::INFINITY {
            true => self.push(&["+Inf"]),
            false => {
                let _ = write!(self.text, "{value:?}");
            }
        }
    }

    /// A label's value, or help. In the older format help knows no escaped quote, and has none.
    fn escaped(&mut self, text: &str) {
        for piece in text.split_inclusive(['\\', '"', '\n']) {
            match piece.as_bytes().last() {
                Some(b'\\') => self.push(&[piece.strip_suffix('\\').unwrap_or(piece), "\\\\"]),
                Some(b'"') => self.push(&[piece.strip_suffix('"').unwrap_or(piece), "\\\""]),
                Some(b'\n') => self.push(&[piece.strip_suffix('\n').unwrap_or(piece), "\\n"]),
                _ => self.push(&[piece]),
            }
        }
    }

    fn push(&mut self, pieces: &[&str]) {
        pieces.iter().for_each(|piece| self.text.push_str(piece));
    }
}
