//! Variables that are a standard which other programs read too.

use crate::sample::{Directory, Exporter, Settings, from_env};

const ON: (&str, &str) = ("TELEMETRY_MODE", "prometheus");

fn on(name: &str, value: &str) -> (Settings, Vec<String>) {
    let loaded = from_env(&[ON, (name, value)]).unwrap_or_else(|report| panic!("{name}={value}: {report}"));
    (loaded.settings, loaded.notes)
}

#[test]
fn a_value_for_another_program_is_passed_over_with_a_note() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no equals sign"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many"),
    ] {
        let (settings, notes) = on(name, value);
        let defaults = serde_json::to_value(Settings::default().otel).unwrap();
        assert_eq!(serde_json::to_value(settings.otel).unwrap(), defaults, "{name}");
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].starts_with(&format!("{name} is ignored: for this program it must be ")),
            "{notes:?}"
        );
        assert!(!notes[0].contains(value), "{notes:?}");
    }
}

#[test]
fn of_several_values_the_known_one_is_taken() {
    for (value, taken) in
        [("otlp,console", Exporter::Otlp), ("console, otlp", Exporter::Otlp), ("prometheus", Exporter::None)]
    {
        let (settings, notes) = on("OTEL_TRACES_EXPORTER", value);
        assert_eq!(settings.otel.traces_exporter, taken, "{value}");
        assert!(notes[0].starts_with("OTEL_TRACES_EXPORTER is taken for `"), "{notes:?}");
    }
}

#[test]
fn a_good_value_counts_without_a_note() {
    let (settings, notes) = on("OTEL_EXPORTER_OTLP_HEADERS", "a=b\n");
    assert_eq!(settings.otel.exporter_otlp_headers.unwrap().expose(), "a=b");
    assert_eq!(notes, [""; 0]);
    let (settings, _) = on("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
    assert_eq!(settings.otel.exporter_otlp_endpoint.as_deref(), Some("http://collector:4318"));
    assert_eq!(on("OTEL_TRACES_EXPORTER", "none").0.otel.traces_exporter, Exporter::None);
}

#[test]
fn nothing_is_looked_at_where_the_deciding_setting_does_not_say_so() {
    for mode in ["off", "log"] {
        let loaded = from_env(&[
            ("TELEMETRY_MODE", mode),
            ("OTEL_TRACES_EXPORTER", "otlp,console"),
            ("OTEL_TRACE_EXPORTER", "x"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ]);
        let loaded = loaded.unwrap();
        assert_eq!(loaded.settings.otel.exporter_otlp_endpoint, None);
        assert_eq!(loaded.notes, [""; 0]);
    }
    let file = Directory::with(&[("palisade.toml", "[telemetry]\nmode = [\"prometheus\"]\n")]);
    let loaded = file.load(&[("OTEL_BSP_MAX_QUEUE_SIZE", "7")]).unwrap();
    assert_eq!(loaded.settings.otel.bsp_max_queue_size, 7, "any layer may decide");
}

#[test]
fn explaining_such_a_setting_says_where_its_variable_counts() {
    let explained = from_env(&[]).unwrap().explain("OTEL_TRACES_EXPORTER").unwrap().to_string();
    let only = "OTEL_TRACES_EXPORTER is a variable of OpenTelemetry, looked at where telemetry.mode has `prometheus`";
    assert!(explained.contains(only), "{explained}");
}

#[test]
fn a_name_that_is_nearly_one_is_a_note_and_no_problem() {
    let (_, notes) = on("OTEL_TRACE_EXPORTER", "x");
    assert_eq!(
        notes,
        ["OTEL_TRACE_EXPORTER is ignored: it is not a setting, but nearly OTEL_TRACES_EXPORTER"]
    );
}

#[test]
fn a_file_and_the_command_line_are_meant_for_us_alone() {
    let file = Directory::with(&[("palisade.toml", "[otel]\nbsp_max_queue_size = 0\n")]);
    assert_eq!(file.problems(&[]).len(), 1);
    let sources = Directory::with(&[]).sources(&[]).set("otel.bsp_max_queue_size=0");
    assert_eq!(palisade_config::load::<Settings>(&sources).unwrap_err().problems().len(), 1);
}
