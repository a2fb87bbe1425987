//! The threads that hash.
//!
//! Hashing is pure computing, tens of milliseconds of it. On the async workers it would stall every other
//! request; on the runtime's blocking threads it would take as many cores as there are sign-ins. So it has
//! threads of its own: one per core, at a lower scheduling priority, before them two queues with an end.

mod queue;

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{Builder, JoinHandle, available_parallelism},
    time::Duration,
};

use thread_priority::{ThreadPriority, ThreadPriorityValue};
use tokio::{sync::oneshot, time::timeout};

pub(super) use self::queue::Purpose;
use self::queue::{Job, Queue};
use crate::Error;

/// On Linux this is a nice value of 9: an async worker that wakes up runs at once, while hashing keeps about
/// a ninth of a core that the workers fill, so that load alone keeps nobody from signing in.
const PRIORITY: u8 = 25;
/// A caller who has waited for so long is told to come back. It is less than the default time limit of a request,
/// whose 504 says nothing about when to try again.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Hashing threads with bounded queues. Dropping it stops and joins the threads.
pub(super) struct HashingPool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl HashingPool {
    /// Starts a thread per core; at most `limit` jobs of each purpose wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(limit: usize) -> io::Result<Self> {
        Self::with_threads(available_parallelism().map_or(1, usize::from), limit)
    }

    fn with_threads(count: usize, limit: usize) -> io::Result<Self> {
        let mut pool = Self { queue: Arc::new(Queue::new(limit)), threads: Vec::with_capacity(count) };
        for index in 0..count {
            let queue = Arc::clone(&pool.queue);
            pool.threads.push(Builder::new().name(format!("hashing-{index}")).spawn(move || work(&queue))?);
        }
        Ok(pool)
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Runs `work` on one of the threads. When the caller goes away before its turn, the work is skipped.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full or its turn does not come, [`Error::Internal`] when the work panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        purpose: Purpose,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (caller, answer) = oneshot::channel();
        self.queue.push(purpose, Box::new(Call { work, caller }))?;
        match timeout(LONGEST_WAIT, answer).await {
            Ok(answer) => answer.map_err(|_| Error::Internal("a hashing job panicked".into())),
            Err(_) => Err(Error::Busy),
        }
    }
}

/// Work, and who waits for what it gives.
struct Call<W, T> {
    work: W,
    caller: oneshot::Sender<T>,
}

impl<T: Send, W: FnOnce() -> T + Send> Job for Call<W, T> {
    fn is_wanted(&self) -> bool {
        !self.caller.is_closed()
    }

    fn run(self: Box<Self>) {
        // The caller may go away while the work is done; then nobody wants the result.
        let _ = self.caller.send((self.work)());
    }
}

fn work(queue: &Queue) {
    let priority = ThreadPriorityValue::try_from(PRIORITY).map(ThreadPriority::Crossplatform);
    if !priority.is_ok_and(|priority| priority.set_for_current().is_ok()) {
        tracing::debug!("auth.hashing_priority");
    }
    while let Some(job) = queue.pop() {
        // The panic has been reported by the panic hook; the caller learns of it by the closed channel.
        let _ = catch_unwind(AssertUnwindSafe(|| job.run()));
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
            .field("limit", &self.queue.limit())
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

    /// Occupies the only thread until what it returns is dropped.
    fn occupy(pool: &HashingPool) -> (mpsc::Sender<()>, oneshot::Receiver<()>) {
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel();
        let work = move || {
            started.send(()).unwrap();
            let _ = held.recv();
        };
        let (caller, answer) = oneshot::channel();
        pool.queue.push(Purpose::SignIn, Box::new(Call { work, caller })).unwrap();
        running.recv().unwrap();
        (release, answer)
    }

    #[tokio::test]
    async fn one_job_over_the_limit_is_refused_at_once() {
        let pool = HashingPool::with_threads(1, 2).unwrap();
        let release = occupy(&pool);
        let mut waiting = [1, 2].map(|number| Box::pin(pool.run(Purpose::SignIn, move || number)));
        for job in &mut waiting {
            assert!(poll_once(job).await.is_none());
        }
        assert!(matches!(pool.run(Purpose::SignIn, || 3).await, Err(Error::Busy)));
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
        let mut abandoned = Box::pin(pool.run(Purpose::SignIn, move || count.fetch_add(1, Ordering::SeqCst)));
        assert!(poll_once(&mut abandoned).await.is_none());
        drop(abandoned);
        drop(release);
        pool.run(Purpose::SignIn, || ()).await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_whose_turn_does_not_come_is_told_to_come_back() {
        let pool = HashingPool::with_threads(1, 8).unwrap();
        let _release = occupy(&pool);
        assert!(matches!(pool.run(Purpose::NewPassword, || ()).await, Err(Error::Busy)));
    }

    #[tokio::test]
    async fn a_panicking_job_costs_neither_thread_nor_caller() {
        let pool = HashingPool::with_threads(1, 8).unwrap();
        let result: Result<(), Error> = pool.run(Purpose::SignIn, || panic!("on purpose")).await;
        assert!(matches!(result, Err(Error::Internal(_))));
        assert_eq!(pool.run(Purpose::SignIn, || 5).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let pool = HashingPool::with_threads(3, 8).unwrap();
        pool.run(Purpose::SignIn, || ()).await.unwrap();
        let queue = Arc::downgrade(&pool.queue);
        drop(pool);
        assert_eq!(queue.strong_count(), 0, "each thread held the queue");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_yield_to_the_async_workers() {
        let pool = HashingPool::with_threads(1, 1).unwrap();
        let stat = pool
            .run(Purpose::SignIn, || std::fs::read_to_string("/proc/thread-self/stat"))
            .await
            .unwrap()
            .unwrap();
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
