//! A fixed pool of threads with a bounded queue in front.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::Busy;

/// After so long without work a thread is told, so that it can give memory back.
const QUIET: Duration = Duration::from_secs(10);

/// Jobs that one thread is taken to do in a second, for telling a refused caller when to come back.
const PER_SECOND: usize = 40;

/// What the pool is doing, and has done since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Waiting in the queue now.
    pub waiting: usize,
    /// Under way now.
    pub running: usize,
    /// Done.
    pub done: u64,
    /// Refused because the queue was full.
    pub refused: u64,
    /// Left undone because the caller had gone.
    pub skipped: u64,
}

struct Job<W, D> {
    work: W,
    reply: oneshot::Sender<D>,
}

struct Queue<W, D> {
    jobs: VecDeque<Job<W, D>>,
    closed: bool,
}

struct Shared<W, D> {
    queue: Mutex<Queue<W, D>>,
    wake: Condvar,
    running: AtomicUsize,
    done: AtomicU64,
    refused: AtomicU64,
    skipped: AtomicU64,
}

impl<W, D> Shared<W, D> {
    fn lock(&self) -> MutexGuard<'_, Queue<W, D>> {
        // No code that can panic runs under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pool. `W` is a piece of work, `D` what comes of it.
pub(super) struct Pool<W, D> {
    shared: Arc<Shared<W, D>>,
    threads: Vec<JoinHandle<()>>,
    room: usize,
}

impl<W: Send + 'static, D: Send + 'static> Pool<W, D> {
    /// Starts `threads` threads (at least one) called `name-1` and on. `bench` makes what a thread works with:
    /// it is given each piece of work, and `None` when there has been none for a while.
    pub(super) fn start<B, F>(name: &str, threads: usize, room: usize, bench: B) -> std::io::Result<Self>
    where
        B: Fn() -> F,
        F: FnMut(Option<W>) -> Option<D> + Send + 'static,
    {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { jobs: VecDeque::with_capacity(room), closed: false }),
            wake: Condvar::new(),
            running: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        });
        // Made before its threads: if one of them can't be started, the others end with it.
        let mut pool = Self { shared, threads: Vec::new(), room };
        for number in 1..=threads.max(1) {
            let (shared, work) = (pool.shared.clone(), bench());
            let thread = std::thread::Builder::new().name(format!("{name}-{number}"));
            pool.threads.push(thread.spawn(move || serve(&shared, work))?);
        }
        Ok(pool)
    }

    /// Has a piece of work done.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full, and when the work was given up.
    pub(super) async fn run(&self, work: W) -> Result<D, Busy> {
        let answer = self.enqueue(work)?;
        answer.await.map_err(|_| self.busy(0))
    }

    fn enqueue(&self, work: W) -> Result<oneshot::Receiver<D>, Busy> {
        let (reply, answer) = oneshot::channel();
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.room {
            // Those whose caller has gone make room first.
            let before = queue.jobs.len();
            queue.jobs.retain(|job| !job.reply.is_closed());
            let gone = u64::try_from(before - queue.jobs.len()).unwrap_or(0);
            self.shared.skipped.fetch_add(gone, Ordering::Relaxed);
        }
        let waiting = queue.jobs.len();
        if waiting >= self.room {
            drop(queue);
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
            return Err(self.busy(waiting));
        }
        queue.jobs.push_back(Job { work, reply });
        drop(queue);
        self.shared.wake.notify_one();
        Ok(answer)
    }

    fn busy(&self, waiting: usize) -> Busy {
        let seconds = waiting / (PER_SECOND * self.threads.len().max(1));
        Busy { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX).saturating_add(1) }
    }

    pub(super) fn load(&self) -> Load {
        Load {
            waiting: self.shared.lock().jobs.len(),
            running: self.shared.running.load(Ordering::Relaxed),
            done: self.shared.done.load(Ordering::Relaxed),
            refused: self.shared.refused.load(Ordering::Relaxed),
            skipped: self.shared.skipped.load(Ordering::Relaxed),
        }
    }
}

impl<W, D> Drop for Pool<W, D> {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        queue.jobs.clear();
        drop(queue);
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            // One that panicked has ended as well.
            let _ = thread.join();
        }
    }
}

enum Turn<W, D> {
    Work(Job<W, D>),
    Quiet,
    End,
}

/// A thread's life.
fn serve<W, D>(shared: &Shared<W, D>, mut bench: impl FnMut(Option<W>) -> Option<D>) {
    let mut told = true;
    loop {
        match next(shared, told) {
            Turn::End => return,
            Turn::Quiet => {
                bench(None);
                told = true;
            }
            // Whoever asked has gone: nobody would read the answer.
            Turn::Work(job) if job.reply.is_closed() => {
                shared.skipped.fetch_add(1, Ordering::Relaxed);
            }
            Turn::Work(Job { work, reply }) => {
                told = false;
                shared.running.fetch_add(1, Ordering::Relaxed);
                // A panic must not take a thread out of the pool; its caller sees the reply dropped.
                let outcome = catch_unwind(AssertUnwindSafe(|| bench(Some(work))));
                shared.running.fetch_sub(1, Ordering::Relaxed);
                shared.done.fetch_add(1, Ordering::Relaxed);
                if let Ok(Some(done)) = outcome {
                    let _ = reply.send(done);
                }
            }
        }
    }
}

/// Waits for the next turn. A thread that was told of the quiet already (`told`) is not told again.
fn next<W, D>(shared: &Shared<W, D>, told: bool) -> Turn<W, D> {
    let mut queue = shared.lock();
    loop {
        if queue.closed {
            return Turn::End;
        }
        if let Some(job) = queue.jobs.pop_front() {
            return Turn::Work(job);
        }
        if told {
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let (woken, wait) = shared.wake.wait_timeout(queue, QUIET).unwrap_or_else(PoisonError::into_inner);
        queue = woken;
        if wait.timed_out() && queue.jobs.is_empty() && !queue.closed {
            return Turn::Quiet;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A pool of one thread that does not end a piece of work before it is let go.
    fn held(room: usize) -> (Pool<u32, u32>, mpsc::Receiver<u32>, mpsc::Sender<()>) {
        let (began, begun) = mpsc::channel();
        let (go, gone) = mpsc::channel::<()>();
        let gone = Arc::new(Mutex::new(gone));
        let pool = Pool::start("test", 1, room, move || {
            let (began, gone) = (began.clone(), gone.clone());
            move |work: Option<u32>| {
                began.send(work?).unwrap();
                gone.lock().unwrap().recv().unwrap();
                Some(work? * 2)
            }
        });
        (pool.unwrap(), begun, go)
    }

    #[tokio::test]
    async fn past_the_queue_a_caller_is_refused_and_told_when_to_return() {
        let (pool, begun, go) = held(2);
        let first = pool.enqueue(1).unwrap();
        assert_eq!(begun.recv(), Ok(1));
        let (second, third) = (pool.enqueue(2).unwrap(), pool.enqueue(3).unwrap());
        assert_eq!(pool.enqueue(4).err(), Some(Busy { retry_after: 1 }));
        assert_eq!(pool.load(), Load { waiting: 2, running: 1, refused: 1, ..Load::default() });
        (0..3).for_each(|_| go.send(()).unwrap());
        assert_eq!((first.await, second.await, third.await), (Ok(2), Ok(4), Ok(6)));
        assert_eq!(pool.busy(400), Busy { retry_after: 11 });
    }

    #[tokio::test]
    async fn work_whose_caller_has_gone_is_skipped_unless_it_has_begun() {
        let (pool, begun, go) = held(8);
        let running = pool.enqueue(1).unwrap();
        assert_eq!(begun.recv(), Ok(1));
        drop(running);
        drop(pool.enqueue(2).unwrap());
        let third = pool.enqueue(3).unwrap();
        assert_eq!(pool.load().running, 1, "what runs keeps its place");
        (0..2).for_each(|_| go.send(()).unwrap());
        assert_eq!(third.await, Ok(6));
        assert_eq!(begun.try_iter().collect::<Vec<_>>(), [3]);
        assert_eq!(pool.load().skipped, 1);
    }

    #[tokio::test]
    async fn those_who_have_gone_make_room_in_a_full_queue() {
        let (pool, begun, go) = held(1);
        let first = pool.enqueue(1).unwrap();
        assert_eq!(begun.recv(), Ok(1));
        drop(pool.enqueue(2).unwrap());
        let third = pool.enqueue(3).unwrap();
        (0..2).for_each(|_| go.send(()).unwrap());
        assert_eq!((first.await, third.await), (Ok(2), Ok(6)));
    }

    #[tokio::test]
    async fn a_panic_costs_no_thread() {
        let pool = Pool::start("test", 1, 8, || {
            |work: Option<u32>| {
                assert_ne!(work, Some(1), "this one panics");
                work
            }
        })
        .unwrap();
        assert_eq!(pool.run(1).await, Err(Busy { retry_after: 1 }));
        assert_eq!(pool.run(2).await, Ok(2));
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let alive = Arc::new(());
        let held = alive.clone();
        let pool = Pool::start("test", 4, 8, move || {
            let held = held.clone();
            move |work: Option<u32>| Some(work? + u32::try_from(Arc::strong_count(&held)).unwrap_or(0))
        })
        .unwrap();
        assert_eq!(pool.run(1).await, Ok(6), "four threads hold it, and this test");
        drop(pool);
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
