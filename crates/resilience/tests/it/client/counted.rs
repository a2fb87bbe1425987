//! What metrics can say of an upstream.

use palisade_resilience::client::Outcome;

use super::{
    at, get, options,
    origin::{Origin, answer},
    upstream,
};

#[tokio::test]
async fn each_call_is_counted_by_its_outcome_and_timed() {
    let origin = Origin::start(|number| answer([200, 404, 503, 503, 200][number], "", "")).await;
    let upstream = upstream(options());
    for _ in 0..3 {
        upstream.send(get(origin.port())).await.unwrap();
    }
    upstream.send(at("evil.test", origin.port())).await.unwrap_err();
    let mut abandoned = Box::pin(upstream.send(get(origin.port())));
    assert!(
        std::future::poll_fn(|context| std::task::Poll::Ready(abandoned.as_mut().poll(context)))
            .await
            .is_pending()
    );
    drop(abandoned);

    let snapshot = upstream.snapshot();
    let ended = |outcome| snapshot.calls.ended(outcome);
    assert_eq!((&*snapshot.upstream, snapshot.is_up(), snapshot.in_flight), ("test", true, 0));
    assert_eq!(
        [
            ended(Outcome::Success),
            ended(Outcome::ClientError),
            ended(Outcome::Refused),
            ended(Outcome::Cancelled)
        ],
        [2, 1, 1, 1]
    );
    assert_eq!((snapshot.calls.count(), snapshot.calls.errors()), (5, 0));
    assert_eq!((snapshot.attempts, snapshot.retries), (7, 2), "{snapshot:?}");
    assert!(!snapshot.calls.total_duration.is_zero());
    assert!(snapshot.calls.durations.iter().is_sorted_by_key(|(_, count)| *count));
}
