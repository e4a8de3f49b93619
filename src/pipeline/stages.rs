//! Reading, working and writing at the same time, in order and in bounded memory.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::error::Result;

/// Results that may wait for one before them, for each thread.
const WAITING: usize = 4;

/// Takes items from `source`, turns each into a result with `work`, and gives the results to `sink` in order. All threads of the pool
/// do the same: whoever is free takes the next item and works on it, and who hands in the result that is next in line writes it and
/// what waited behind it. Ends at the first error; what came before it is written. The pool is taken
/// for as long as there are items: other work of the same pool waits until then, and a source, work or sink that waits for such work waits
/// forever.
pub(super) fn in_order<A: Send, B: Send, W: Default + Send>(
    source: impl Iterator<Item = Result<A>> + Send,
    workers: &Workers<W>,
    work: impl Fn(&mut W, A) -> B + Sync,
    sink: impl FnMut(B) -> Result<()> + Send,
) -> Result<()> {
    let source = Mutex::new(until_error(source).enumerate());
    let queue = Queue::new(sink);
    rayon::broadcast(|_| {
        let _closed = ClosedOnPanic(&queue);
        workers.with(|worker| {
            while !queue.is_closed() {
                let Some((number, item)) = lock(&source).next() else { return };
                queue.hand_in(number, item.map(|item| work(worker, item)));
            }
        });
    });
    queue.end()
}

/// All up to the first error; nothing is asked for behind it.
fn until_error<A>(mut items: impl Iterator<Item = Result<A>>) -> impl Iterator<Item = Result<A>> {
    let mut has_failed = false;
    let next = move || {
        // It has failed, too, where it panics.
        let item = if std::mem::replace(&mut has_failed, true) { None } else { items.next() };
        has_failed = !matches!(item, Some(Ok(_)));
        item
    };
    std::iter::from_fn(next).fuse()
}

/// Results on their way to a sink, which takes them by their numbers.
struct Queue<B, S> {
    state: Mutex<State<B, S>>,
    moved: Condvar,
    room: usize,
}

struct State<B, S> {
    waiting: BTreeMap<usize, Result<B>>,
    next: usize,
    /// None while somebody writes.
    sink: Option<S>,
    ended: Result<()>,
    is_closed: bool,
}

impl<B, S: FnMut(B) -> Result<()>> Queue<B, S> {
    fn new(sink: S) -> Self {
        let state = State {
            waiting: BTreeMap::new(),
            next: 0,
            sink: Some(sink),
            ended: Ok(()),
            is_closed: false,
        };
        let room = WAITING * rayon::current_num_threads();
        Self { state: Mutex::new(state), moved: Condvar::new(), room }
    }

    /// Takes a result, as soon as there is room, and writes what is next in line unless somebody is at it.
    fn hand_in(&self, number: usize, result: Result<B>) {
        let is_full =
            |state: &mut State<B, S>| number >= state.next + self.room && !state.is_closed;
        let waited = self.moved.wait_while(lock(&self.state), is_full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting.insert(number, result);
        let Some(mut sink) = state.sink.take() else { return };
        while !state.is_closed {
            let next = state.next;
            let Some(result) = state.waiting.remove(&next) else { break };
            drop(state);
            let written = result.and_then(&mut sink);
            state = lock(&self.state);
            state.next += 1;
            state.is_closed |= written.is_err();
            state.ended = written;
            self.moved.notify_all();
        }
        state.sink = Some(sink);
    }

    fn is_closed(&self) -> bool {
        lock(&self.state).is_closed
    }

    fn end(self) -> Result<()> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).ended
    }
}

/// So that nobody waits for a result that never comes.
struct ClosedOnPanic<'q, B, S>(&'q Queue<B, S>);

impl<B, S> Drop for ClosedOnPanic<'_, B, S> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.state).is_closed = true;
            self.0.moved.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What threads keep from batch to batch, such as lexicons: as many as ever work at once.
#[derive(Default)]
pub(super) struct Workers<W>(Mutex<Vec<W>>);

impl<W: Default> Workers<W> {
    /// Runs `work` with a worker that nobody else uses meanwhile.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut W) -> T) -> T {
        let free = self.lock().pop();
        let mut worker = free.unwrap_or_default();
        let out = work(&mut worker);
        self.lock().push(worker);
        out
    }

    /// All workers, in no order.
    pub(super) fn into_inner(self) -> Vec<W> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::error::Error;

    #[test]
    fn results_come_in_order_and_errors_end_the_run() {
        for threads in [1, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let workers = Workers::<u64>::default();
                let square = |done: &mut u64, x: u64| {
                    *done += 1;
                    // The first ones take longest.
                    thread::sleep(Duration::from_micros(100 * (10 - x.min(10))));
                    x * x
                };
                let mut seen = Vec::new();
                let ended = in_order((0..50).map(Ok), &workers, square, |x| {
                    seen.push(x);
                    Ok(())
                });
                assert!(ended.is_ok());
                assert_eq!(seen, (0..50).map(|x| x * x).collect::<Vec<_>>());
                assert_eq!(workers.into_inner().iter().sum::<u64>(), 50);

                let workers = Workers::<u64>::default();
                let mut seen = 0;
                let failing = (0..10).map(|i| match i {
                    0..5 => Ok(i),
                    5 => Err(Error::data("x", "y")),
                    _ => unreachable!("nothing is asked for behind an error"),
                });
                let ended = in_order(failing, &workers, square, |_| {
                    seen += 1;
                    Ok(())
                });
                assert!(ended.is_err());
                assert_eq!(seen, 5);
                assert_eq!(workers.into_inner().iter().sum::<u64>(), 5);

                let workers = Workers::<u64>::default();
                let ended = in_order((0..1000).map(Ok), &workers, square, |x| match x {
                    0 => Ok(()),
                    _ => Err(Error::data("x", "y")),
                });
                assert!(ended.is_err());
                assert!(workers.into_inner().iter().sum::<u64>() < 100, "reading ends as well");
            });
        }
    }

    #[test]
    fn a_slow_result_holds_few_others_up() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        pool.install(|| {
            let (read, workers) = (AtomicUsize::new(0), Workers::<()>::default());
            let source = (0..1000).map(|x| {
                read.fetch_add(1, Ordering::Relaxed);
                Ok(x)
            });
            let wait = |(): &mut (), x: usize| {
                if x == 0 {
                    thread::sleep(Duration::from_millis(50));
                    assert!(read.load(Ordering::Relaxed) <= 4 * (WAITING + 1));
                }
                x
            };
            let mut next = 0;
            let ended = in_order(source, &workers, wait, |x| {
                assert_eq!(x, next);
                next += 1;
                Ok(())
            });
            assert!(ended.is_ok());
            assert_eq!(next, 1000);
        });
    }

    #[test]
    #[should_panic(expected = "unlucky")]
    fn a_panic_ends_the_run() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        pool.install(|| {
            let workers = Workers::<()>::default();
            let fail = |(): &mut (), x: usize| assert!(x != 13, "unlucky");
            let _ = in_order((0..1000).map(Ok), &workers, fail, |()| Ok(()));
        });
    }
}
