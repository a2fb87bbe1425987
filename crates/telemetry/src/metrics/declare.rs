//! The macro that declares what a crate measures.

/// Declares what a crate measures: writes a struct with one [`Family`](crate::metrics::Family) for each metric,
/// `new(&telemetry)` and a `Default` that measures nothing, and the constant `DECLARED` that lists the metrics.
///
/// A field is `name: MetricKind["label", …] = "metric_name"`; its doc comment is the metric's help. The number of label sets
/// is bounded by [`Declaration::MAX_SERIES`](crate::metrics::Declaration::MAX_SERIES) or what follows `at most`.
///
/// ```
/// palisade_telemetry::metrics! {
///     /// What the door measures.
///     pub struct Metrics {
///         /// People who came in.
///         pub entered: Counter["door"] = "door_entries_total", at most 10,
///         /// People inside.
///         pub inside: Gauge[] = "door_people",
///     }
/// }
/// assert_eq!(Metrics::DECLARED[0].help, "People who came in.");
/// ```
#[macro_export]
macro_rules! metrics {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $Metrics:ident {
            $(
                $(#[doc = $help:literal])+
                $field_visibility:vis $field:ident : $MetricKind:ident [$($label:literal),*] = $name:literal
                $(, at most $max_series:literal)?
            ),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Default)]
        $visibility struct $Metrics {
            $(
                $(#[doc = $help])+
                $field_visibility $field: $crate::metrics::Family<
                    $crate::metrics::$MetricKind,
                    { <[&str]>::len(&[$($label),*]) },
                >,
            )+
        }

        impl $Metrics {
            /// What is measured, as it is declared.
            $visibility const DECLARED: &'static [$crate::metrics::Declaration] = &[
                $($crate::metrics::Declaration {
                    name: $name,
                    kind: $crate::metrics::MetricKind::$MetricKind,
                    labels: &[$($label),*],
                    help: concat!($($help),+).trim_ascii(),
                    buckets: $crate::metrics::Buckets::of($name, $crate::metrics::MetricKind::$MetricKind),
                    max_series: { let _at_most = $crate::metrics::Declaration::MAX_SERIES; $(let _at_most = $max_series;)? _at_most },
                }),+
            ];

            /// Measures into `telemetry`.
            #[must_use]
            $visibility fn new(telemetry: &::std::sync::Arc<dyn $crate::metrics::Telemetry>) -> Self {
                let mut declared = Self::DECLARED.iter();
                Self {
                    $($field: declared.next().map_or_else(Default::default, |declared| {
                        $crate::metrics::Family::new(telemetry, declared)
                    }),)+
                }
            }
        }
    };
}
