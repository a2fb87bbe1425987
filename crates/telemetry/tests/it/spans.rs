//! What the spans around an event add to its line.

use crate::capture::lines;

#[test]
fn fields_of_the_spans_follow_and_the_nearest_wins() {
    let lines = lines(|_| {
        let request =
            tracing::info_span!("request", request_id = "r1", user = tracing::field::Empty, depth = 1);
        request.record("user", "ann");
        let _request = request.enter();
        let _query = tracing::info_span!("query", table = "users", depth = 2).entered();
        tracing::info!(table = "roles", "m");
    });
    let line = &lines[0];
    assert_eq!((&line["request_id"], &line["user"]), (&"r1".into(), &"ann".into()));
    assert_eq!((&line["table"], &line["depth"]), (&"roles".into(), &2.into()));
}

#[test]
fn a_value_recorded_again_replaces_the_first() {
    let lines = lines(|_| {
        let span = tracing::info_span!("request", status = 200);
        span.record("status", 503);
        span.in_scope(|| tracing::info!("m"));
    });
    assert_eq!(lines[0]["status"], 503);
}
