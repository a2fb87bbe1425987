//! A registry of the crate `prometheus` that a service has receives what our crates measure.
#![expect(clippy::print_stdout, reason = "it is a program")]

use std::{error::Error, sync::Arc};

use palisade_telemetry::{metrics::Telemetry, prometheus_registry};
use prometheus::{IntCounter, Registry, TextEncoder};

palisade_telemetry::metrics! {
    /// What one of our crates measures.
    struct Metrics {
        /// Meals that went out.
        served: Counter["dish"] = "kitchen_meals_total",
        /// Meals that are being cooked.
        cooking: Gauge[] = "kitchen_meals_cooking",
        /// How long a meal took.
        duration: Histogram[] = "kitchen_meal_duration_seconds",
    }
}

fn measured() -> Result<String, Box<dyn Error>> {
    let theirs = Registry::new_custom(Some("shop".to_owned()), None)?;
    let visits = IntCounter::new("visits_total", "What the service counts itself.")?;
    theirs.register(Box::new(visits.clone()))?;
    visits.inc();

    let receiver: Arc<dyn Telemetry> = prometheus_registry::receiver(&theirs)?;
    let metrics = Metrics::new(&receiver);
    metrics.served.with(["soup"]).add(3);
    metrics.duration.with([]).observe(0.3);
    metrics.duration.with([]).observe(7.0);
    let cooking = metrics.cooking.clone();
    receiver.before_reading(Box::new(move || cooking.with([]).set(2.0)));

    Ok(TextEncoder::new().encode_to_string(&theirs.gather())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", measured()?);
    Ok(())
}

#[test]
fn the_registry_of_a_service_shows_what_our_crates_measure() -> Result<(), Box<dyn Error>> {
    let text = measured()?;
    for line in [
        "shop_visits_total 1",
        "# HELP shop_kitchen_meals_total Meals that went out.",
        "# TYPE shop_kitchen_meals_total counter",
        "shop_kitchen_meals_total{dish=\"soup\"} 3",
        "shop_kitchen_meals_cooking 2",
        "shop_kitchen_meal_duration_seconds_bucket{le=\"0.25\"} 0",
        "shop_kitchen_meal_duration_seconds_bucket{le=\"0.5\"} 1",
        "shop_kitchen_meal_duration_seconds_bucket{le=\"10\"} 2",
        "shop_kitchen_meal_duration_seconds_bucket{le=\"+Inf\"} 2",
        "shop_kitchen_meal_duration_seconds_sum 7.3",
        "shop_kitchen_meal_duration_seconds_count 2",
    ] {
        assert_eq!(text.lines().filter(|known| *known == line).count(), 1, "{line} in {text}");
    }
    Ok(())
}

#[test]
fn a_registry_takes_one_receiver() -> Result<(), Box<dyn Error>> {
    let theirs = Registry::new();
    prometheus_registry::receiver(&theirs)?;
    assert!(prometheus_registry::receiver(&theirs).is_err());
    Ok(())
}
