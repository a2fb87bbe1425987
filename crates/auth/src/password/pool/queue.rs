//! What waits for a hashing thread, and in which order it is served.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::Error;

/// What a password is hashed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::password) enum Purpose {
    /// Somebody shows a password.
    SignIn,
    /// Somebody sets a new password: it is judged and hashed.
    NewPassword,
}

/// Work that somebody waits for.
pub(super) trait Job: Send {
    /// Whether the caller is still there.
    fn is_wanted(&self) -> bool;

    /// Does it and answers the caller.
    fn run(self: Box<Self>);
}

/// When both wait, so many sign-ins are served before one new password: anybody may sign up as often as they like, and
/// must not keep others from signing in.
const SIGN_INS_IN_A_ROW: u8 = 4;

/// A bounded queue for each [`Purpose`].
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    sign_ins: VecDeque<Box<dyn Job>>,
    new_passwords: VecDeque<Box<dyn Job>>,
    /// How many sign-ins were served since the last new password.
    in_a_row: u8,
    stopping: bool,
}

impl Queue {
    /// At most `limit` jobs of each purpose wait.
    pub(super) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), filled: Condvar::new(), limit }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn waiting(&self) -> usize {
        let state = self.lock();
        state.sign_ins.len() + state.new_passwords.len()
    }

    /// # Errors
    /// [`Error::Busy`] when it is full of jobs that are wanted.
    pub(super) fn push(&self, purpose: Purpose, job: Box<dyn Job>) -> Result<(), Error> {
        let mut state = self.lock();
        let jobs = match purpose {
            Purpose::SignIn => &mut state.sign_ins,
            Purpose::NewPassword => &mut state.new_passwords,
        };
        if jobs.len() >= self.limit {
            jobs.retain(|job| job.is_wanted());
        }
        if jobs.len() >= self.limit {
            return Err(Error::Busy);
        }
        jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// The next job that is wanted, waited for; `None` once the pool stops.
    pub(super) fn pop(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            match state.next() {
                Some(job) if job.is_wanted() => return Some(job),
                Some(_) => {}
                None => state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        state.sign_ins.clear();
        state.new_passwords.clear();
        drop(state);
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Box<dyn Job>> {
        let is_sign_ins_turn = self.in_a_row < SIGN_INS_IN_A_ROW || self.new_passwords.is_empty();
        if is_sign_ins_turn && let Some(job) = self.sign_ins.pop_front() {
            self.in_a_row = self.in_a_row.saturating_add(1);
            return Some(job);
        }
        self.in_a_row = 0;
        self.new_passwords.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    /// A job that notes its name when it runs.
    struct Noted {
        name: String,
        runs: Arc<Mutex<Vec<String>>>,
        wanted: Arc<AtomicBool>,
    }

    impl Job for Noted {
        fn is_wanted(&self) -> bool {
            self.wanted.load(Ordering::Relaxed)
        }

        fn run(self: Box<Self>) {
            self.runs.lock().unwrap().push(self.name.clone());
        }
    }

    struct World {
        queue: Queue,
        runs: Arc<Mutex<Vec<String>>>,
        wanted: Arc<AtomicBool>,
    }

    impl World {
        fn new(limit: usize) -> Self {
            let wanted = Arc::new(AtomicBool::new(true));
            Self { queue: Queue::new(limit), runs: Arc::default(), wanted }
        }

        fn push(&self, purpose: Purpose, name: impl ToString) -> Result<(), Error> {
            let (runs, wanted) = (Arc::clone(&self.runs), Arc::clone(&self.wanted));
            self.queue.push(purpose, Box::new(Noted { name: name.to_string(), runs, wanted }))
        }

        /// Runs all that waits, and gives the names in order.
        fn run(self) -> String {
            while self.queue.waiting() > 0 {
                self.queue.pop().unwrap().run();
            }
            self.runs.lock().unwrap().join(" ")
        }
    }

    #[test]
    fn sign_ins_are_served_ahead_of_new_passwords_that_came_earlier() {
        let world = World::new(20);
        (0..3).for_each(|number| world.push(Purpose::NewPassword, format!("new{number}")).unwrap());
        (0..6).for_each(|number| world.push(Purpose::SignIn, number).unwrap());
        // And one new password after four, so that sign-ins shut nobody out either.
        assert_eq!(world.run(), "0 1 2 3 new0 4 5 new1 new2");
    }

    #[test]
    fn a_queue_full_of_new_passwords_has_room_for_sign_ins() {
        let world = World::new(2);
        (0..2).for_each(|number| world.push(Purpose::NewPassword, number).unwrap());
        assert!(matches!(world.push(Purpose::NewPassword, "refused"), Err(Error::Busy)));
        (2..4).for_each(|number| world.push(Purpose::SignIn, number).unwrap());
        assert!(matches!(world.push(Purpose::SignIn, "refused"), Err(Error::Busy)));
        assert_eq!(world.run(), "2 3 0 1");
    }

    #[test]
    fn callers_who_went_away_make_room() {
        let world = World::new(2);
        (0..2).for_each(|number| world.push(Purpose::SignIn, number).unwrap());
        world.wanted.store(false, Ordering::Relaxed);
        world.push(Purpose::SignIn, 2).unwrap();
        assert_eq!(world.queue.waiting(), 1);
    }
}
