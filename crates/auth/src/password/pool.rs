//! The threads that hash.
//!
//! Hashing is pure computing, tens of milliseconds of it. On the async workers it would stall every other
//! request; on the runtime's blocking threads it would take as many cores as there are sign-ins. So it has
//! threads of its own: one per core, at a lower scheduling priority, before them a queue with an end.

use std::{
    collections::VecDeque,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{Builder, JoinHandle, available_parallelism},
};

use thread_priority::{ThreadPriority, ThreadPriorityValue};
use tokio::sync::oneshot;

use crate::Error;

/// On Linux this is a nice value of 9: an async worker that wakes up runs at once, while hashing keeps about
/// a ninth of a core that the workers fill, so that load alone keeps nobody from signing in.
const PRIORITY: u8 = 25;

type Job = Box<dyn FnOnce() + Send>;

/// Hashing threads with a bounded queue. Dropping it stops and joins the threads.
pub(super) struct HashingPool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    stopping: bool,
}

impl HashingPool {
    /// Starts a thread per core; at most `limit` jobs wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(limit: usize) -> io::Result<Self> {
        Self::with_threads(available_parallelism().map_or(1, usize::from), limit)
    }

    fn with_threads(count: usize, limit: usize) -> io::Result<Self> {
        let queue = Arc::new(Queue { state: Mutex::default(), filled: Condvar::new(), limit });
        let mut pool = Self { queue, threads: Vec::with_capacity(count) };
        for index in 0..count {
            let queue = Arc::clone(&pool.queue);
            pool.threads.push(Builder::new().name(format!("hashing-{index}")).spawn(move || work(&queue))?);
        }
        Ok(pool)
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.lock().jobs.len()
    }

    /// Runs `job` on one of the threads. When the caller goes away before its turn, the job is skipped.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full, [`Error::Internal`] when the job panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        self.queue.push(Box::new(move || {
            if !sender.is_closed() {
                // The receiver may go away while the job runs; then nobody wants the result.
                let _ = sender.send(job());
            }
        }))?;
        receiver.await.map_err(|_| Error::Internal("a hashing job panicked".into()))
    }
}

impl Queue {
    fn push(&self, job: Job) -> Result<(), Error> {
        let mut state = self.lock();
        if state.jobs.len() >= self.limit {
            return Err(Error::Busy);
        }
        state.jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// The next job, waited for; `None` once the pool stops.
    fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            match state.jobs.pop_front() {
                Some(job) => return Some(job),
                None => state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        state.jobs.clear();
        drop(state);
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work(queue: &Queue) {
    let priority = ThreadPriorityValue::try_from(PRIORITY).map(ThreadPriority::Crossplatform);
    if !priority.is_ok_and(|priority| priority.set_for_current().is_ok()) {
        tracing::debug!("auth.hashing_priority");
    }
    while let Some(job) = queue.pop() {
        // The panic has been reported by the panic hook; the caller learns of it by the closed channel.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

impl Drop for HashingPool {
    /// Waits for the jobs that run, one per thread, and discards those that wait.
    fn drop(&mut self) {
        self.queue.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingPool")
            .field("threads", &self.threads.len())
            .field("limit", &self.queue.limit)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    /// Occupies the only thread until the sender is dropped.
    fn occupy(pool: &HashingPool) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel();
        let job = move || {
            started.send(()).unwrap();
            let _ = held.recv();
        };
        pool.queue.push(Box::new(job)).unwrap();
        running.recv().unwrap();
        release
    }

    #[tokio::test]
    async fn one_job_over_the_limit_is_refused_at_once() {
        let pool = HashingPool::with_threads(1, 2).unwrap();
        let release = occupy(&pool);
        let mut waiting = [1, 2].map(|number| Box::pin(pool.run(move || number)));
        for job in &mut waiting {
            assert!(poll_once(job).await.is_none());
        }
        assert!(matches!(pool.run(|| 3).await, Err(Error::Busy)));
        drop(release);
        for (job, wanted) in waiting.into_iter().zip([1, 2]) {
            assert_eq!(job.await.unwrap(), wanted);
        }
    }

    #[tokio::test]
    async fn a_job_whose_caller_went_away_is_skipped() {
        let pool = HashingPool::with_threads(1, 8).unwrap();
        let release = occupy(&pool);
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        let mut abandoned = Box::pin(pool.run(move || count.fetch_add(1, Ordering::SeqCst)));
        assert!(poll_once(&mut abandoned).await.is_none());
        drop(abandoned);
        drop(release);
        pool.run(|| ()).await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_panicking_job_costs_neither_thread_nor_caller() {
        let pool = HashingPool::with_threads(1, 8).unwrap();
        let result: Result<(), Error> = pool.run(|| panic!("on purpose")).await;
        assert!(matches!(result, Err(Error::Internal(_))));
        assert_eq!(pool.run(|| 5).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let pool = HashingPool::with_threads(3, 8).unwrap();
        pool.run(|| ()).await.unwrap();
        let queue = Arc::downgrade(&pool.queue);
        drop(pool);
        assert_eq!(queue.strong_count(), 0, "each thread held the queue");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_yield_to_the_async_workers() {
        let pool = HashingPool::with_threads(1, 1).unwrap();
        let stat = pool.run(|| std::fs::read_to_string("/proc/thread-self/stat")).await.unwrap().unwrap();
        // proc_pid_stat(5): nice is field 19, the 17th after the name in parentheses.
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let nice: i32 = fields.split(' ').nth(16).unwrap().parse().unwrap();
        assert!(nice >= 9, "{stat}");
    }

    /// Polls once: what the future gives, or `None` while it is pending.
    async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
