//! `#[guarded]`.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use palisade_core::{Error, SeededRandom};
use palisade_resilience::{Backoff, Callee, Policy, Retry, Verdict, guarded};

/// Three attempts.
fn policy() -> Policy {
    let backoff = Backoff::standard(Arc::new(SeededRandom::new(1)));
    Policy::builder("guarded").retry(Retry::new(backoff)).build()
}

fn is_upstream(error: &Error) -> bool {
    error.status() == 502
}

fn never(_: &Error) -> Verdict {
    Verdict { callee: Callee::Well, ..Verdict::FAILURE }
}

fn upstream() -> Error {
    palisade_core::ErrorKind::Upstream.into()
}

struct Service {
    policy: Policy,
    name: String,
    calls: AtomicU32,
}

impl Service {
    fn new() -> Self {
        Self { policy: policy(), name: "Ada".to_owned(), calls: AtomicU32::new(0) }
    }

    /// Whether this attempt is one of the first two.
    fn fails(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) < 2
    }

    /// A borrowed answer, and a `?` that converts nothing.
    #[guarded]
    async fn name(&self) -> Result<&str, Error> {
        self.maybe()?;
        Ok(&self.name)
    }

    #[guarded(retry_if = is_upstream)]
    async fn owned(&self, mut parts: Vec<String>, last: &str, _: u8) -> palisade_core::Result<String> {
        parts.push(last.to_owned());
        if self.fails() {
            return Err(upstream());
        }
        Ok(parts.concat())
    }

    #[guarded(policy = &self.policy, retry_if = |error: &Error| error.status() == 502)]
    async fn unknown(&self) -> Result<(), Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Err(Error::not_found("No such thing"))
    }

    #[guarded(classify = never)]
    async fn once(&self) -> Result<(), Error> {
        self.maybe()
    }

    fn maybe(&self) -> Result<(), Error> {
        if self.fails() { Err(upstream()) } else { Ok(()) }
    }
}

#[guarded]
async fn longest<'a, T: AsRef<str> + Clone>(
    policy: &Policy,
    seen: Arc<Mutex<u32>>,
    left: &'a T,
    right: &'a T,
) -> Result<&'a str, Error> {
    *seen.lock().unwrap() += 1;
    if *seen.lock().unwrap() < 3 {
        Err(upstream())?;
    }
    let (left, right) = (left.as_ref(), right.as_ref());
    Ok(if left.len() < right.len() { right } else { left })
}

#[tokio::test(start_paused = true)]
async fn a_method_is_behind_the_policy_of_self() {
    let service = Service::new();
    assert_eq!(service.name().await.unwrap(), "Ada");
    assert_eq!(service.policy.counters().attempts, 3);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_gets_its_own_arguments() {
    let service = Service::new();
    assert_eq!(service.owned(vec!["a".to_owned()], "b", 0).await.unwrap(), "ab");
    assert_eq!(service.policy.counters().attempts, 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_not_asked_for_again() {
    let service = Service::new();
    assert_eq!(service.unknown().await.unwrap_err().status(), 404);
    assert_eq!(service.calls.load(Ordering::Relaxed), 1);
    assert_eq!(service.once().await.unwrap_err().status(), 502);
    assert_eq!(service.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_behind_the_policy_it_is_given() {
    let policy = policy();
    let (left, right) = ("a".to_owned(), "bc".to_owned());
    assert_eq!(longest(&policy, Arc::default(), &left, &right).await.unwrap(), "bc");
    assert_eq!(policy.counters().recovered, 1);
}

#[test]
fn a_guarded_call_can_move_between_threads() {
    fn is_send(_: impl Send) {}
    let service = Service::new();
    is_send(service.name());
    is_send(service.owned(Vec::new(), "", 0));
}
