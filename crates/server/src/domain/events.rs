//! What a domain records as events, and what it hears of.

use palisade_events::{AfterCommit, Event, InTransaction, Subscriptions};

use super::{Domain, Step, step};
use crate::{factory::Factory, services::Need};

/// Adds a subscriber to others.
type Subscribe = Box<dyn FnOnce(Subscriptions) -> Subscriptions + Send>;

/// Somebody who hears of an event.
#[derive(Clone)]
pub(crate) struct Subscriber {
    /// The name of one that hears of it after the commit, which nobody else has.
    pub(crate) name: Option<&'static str>,
    pub(crate) event: &'static str,
    /// A program without the event is no mistake.
    pub(crate) is_optional: bool,
    pub(crate) needs: Vec<Need>,
    pub(crate) subscribe: Step<Subscribe>,
}

impl Domain {
    /// An event that this domain records, and what it says.
    #[must_use]
    pub fn event<E: Event>(mut self, says: &'static str) -> Self {
        self.events.push((E::NAME, says));
        self
    }

    /// Has what `factory` makes hear of an event in the transaction of what has happened. See [`InTransaction`].
    #[must_use]
    pub fn in_transaction<E, Needs, F>(self, factory: F) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: InTransaction<E>,
    {
        self.takes_part(factory, false)
    }

    /// The same, for an event that a program may do without: of a domain that it need not have.
    #[must_use]
    pub fn in_transaction_if_told<E, Needs, F>(self, factory: F) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: InTransaction<E>,
    {
        self.takes_part(factory, true)
    }

    fn takes_part<E, Needs, F>(mut self, factory: F, is_optional: bool) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: InTransaction<E>,
    {
        self.subscribers.push(Subscriber {
            name: None,
            event: E::NAME,
            is_optional,
            needs: F::needs(),
            subscribe: step(factory, |subscriber| -> Subscribe {
                Box::new(|subscriptions| subscriptions.in_transaction(subscriber))
            }),
        });
        self
    }

    /// Has what `factory` makes hear of an event after the commit, at least once. See [`AfterCommit`]. The name, such as
    /// `mail.welcome`, is nobody else's, and stays the same in the next release.
    #[must_use]
    pub fn after_commit<E, Needs, F>(self, name: &'static str, factory: F) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: AfterCommit<E>,
    {
        self.hears(name, factory, false)
    }

    /// The same, for an event that a program may do without: of a domain that it need not have.
    #[must_use]
    pub fn after_commit_if_told<E, Needs, F>(self, name: &'static str, factory: F) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: AfterCommit<E>,
    {
        self.hears(name, factory, true)
    }

    fn hears<E, Needs, F>(mut self, name: &'static str, factory: F, is_optional: bool) -> Self
    where
        E: Event,
        F: Factory<Needs>,
        F::Output: AfterCommit<E>,
    {
        self.subscribers.push(Subscriber {
            name: Some(name),
            event: E::NAME,
            is_optional,
            needs: F::needs(),
            subscribe: step(factory, move |subscriber| -> Subscribe {
                Box::new(move |subscriptions| subscriptions.after_commit(name, subscriber))
            }),
        });
        self
    }
}
