//! What is counted together and what is not.

use super::{Suite, a_day, a_moment, longest_wait, someone};
use crate::LimitKey;

impl Suite {
    pub(super) async fn keys_are_counted_apart(&self) {
        let policy = self.policy([a_day(2)]);
        let (ann, bob) = (LimitKey::of("user", "ann"), LimitKey::of("user", "bob"));
        while self.passes(&policy, &ann, 1).await {}
        assert_eq!(self.check(&policy, &bob, 1).await.remaining, 1);
    }

    pub(super) async fn any_text_is_a_key(&self) {
        let policy = self.policy([a_day(1)]);
        let long = "x".repeat(10_000);
        let texts = [
            "",
            " ",
            "a",
            "A",
            "a ",
            "{a}",
            "a:b",
            "a%3Ab",
            "a\0",
            "a\r\nDEL a",
            "\"a\"",
            "ä",
            "日本",
            "\u{202e}",
            &long,
            &format!("{long}y"),
        ];
        for text in texts {
            assert!(self.passes(&policy, &LimitKey::new(text), 1).await, "{text:?} is new");
            assert!(!self.passes(&policy, &LimitKey::new(text), 1).await, "{text:?} is known");
        }
    }

    pub(super) async fn policies_are_counted_apart(&self) {
        let (one, other) = (self.policy([a_day(1)]), self.policy([a_day(1)]));
        assert!(self.passes(&one, &someone(), 1).await);
        assert!(!self.passes(&one, &someone(), 1).await);
        assert!(self.passes(&other, &someone(), 1).await);
    }

    pub(super) async fn a_refusal_is_counted_nowhere(&self) {
        for day_first in [true, false] {
            let (short, day) = (a_moment(3), a_day(5));
            let policy = self.policy(if day_first { [day, short] } else { [short, day] });
            let (mut passed, mut refused) = (0, 0);
            // Three pass, then refusals, then the last two of the day: had a refusal counted, fewer would.
            for _ in 0..1_000 {
                let decision = self.check(&policy, &someone(), 1).await;
                let wait = decision.retry_after.unwrap_or_default();
                if wait > longest_wait(&short) {
                    break;
                }
                passed += u32::from(decision.allowed);
                refused += u32::from(!decision.allowed);
                if refused % 20 == 19 {
                    self.time.pass(wait).await;
                }
            }
            assert_eq!(passed, 5, "of five a day, with {refused} refusals in between");
            assert!(refused > 0);
        }
    }
}
