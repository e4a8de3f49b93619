//! Reading, working and writing at the same time, in order and in bounded memory.

use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::error::Result;

/// How many batches may wait between two stages.
const WAITING: usize = 2;

/// Takes batches from `source`, turns each into a result with `work`, and gives the results to `sink` in
/// order. Reading and writing run on threads of their own beside the pool in which `work` may spread, unless the
/// pool has one thread: then everything runs in turn. Ends at the first error; what came before it is written.
pub(super) fn in_order<A: Send, B: Send>(
    source: impl Iterator<Item = Result<A>> + Send,
    work: impl Fn(A) -> B,
    mut sink: impl FnMut(B) -> Result<()> + Send,
) -> Result<()> {
    if rayon::current_num_threads() == 1 {
        for batch in source {
            sink(work(batch?))?;
        }
        return Ok(());
    }
    thread::scope(|scope| {
        let (read, batches) = sync_channel::<Result<A>>(WAITING);
        let (write, results) = sync_channel::<B>(WAITING);
        scope.spawn(move || {
            for batch in source {
                let failed = batch.is_err();
                if read.send(batch).is_err() || failed {
                    return;
                }
            }
        });
        let writer = scope.spawn(move || {
            for result in results {
                sink(result)?;
            }
            Ok(())
        });
        let mut reading = Ok(());
        for batch in batches {
            match batch {
                Ok(batch) => {
                    if write.send(work(batch)).is_err() {
                        break;
                    }
                }
                Err(error) => {
                    reading = Err(error);
                    break;
                }
            }
        }
        drop(write);
        let writing = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        writing.and(reading)
    })
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

    /// Changes the workers that are free now, in no order.
    pub(super) fn change(&self, change: impl FnOnce(&mut [W])) {
        change(&mut self.lock());
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
    use super::*;
    use crate::error::Error;

    #[test]
    fn results_come_in_order_and_errors_end_the_run() {
        for threads in [1, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut seen = Vec::new();
                in_order(
                    (0..50).map(Ok),
                    |x| x * 2,
                    |x| {
                        seen.push(x);
                        Ok(())
                    },
                )
                .unwrap();
                assert_eq!(seen, (0..100).step_by(2).collect::<Vec<_>>());

                let mut seen = 0;
                let failing =
                    (0..10).map(|i| if i == 5 { Err(Error::data("x", "y")) } else { Ok(i) });
                let ended = in_order(
                    failing,
                    |x| x,
                    |_| {
                        seen += 1;
                        Ok(())
                    },
                );
                assert!(ended.is_err());
                assert_eq!(seen, 5);

                let stopped =
                    in_order((0..1000).map(Ok), |x| x, |_: i32| Err(Error::data("x", "y")));
                assert!(stopped.is_err());
            });
        }
    }
}
