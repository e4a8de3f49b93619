//! The batches that a run still has to classify.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{IntoIter, Sender, channel};

use rubrique::Result;
use rubrique::corpus::{Batch, InputDigests, ReadSoFar};

use super::interrupt::Interrupt;

/// Batches from the first row on that is not done, until somebody asks the run to end.
pub(super) struct Upcoming<B> {
    batches: B,
    done: u64,
    interrupt: Interrupt,
    digests: InputDigests,
    /// For each batch that is handed out, where reading stood then.
    read: Sender<Option<ReadSoFar>>,
    was_cut: Arc<AtomicBool>,
}

/// What is known of the batches that were handed out.
pub(super) struct HandedOut {
    /// For each of them, in their order, where reading stood then; `None` where inputs are not digested.
    pub read: IntoIter<Option<ReadSoFar>>,
    was_cut: Arc<AtomicBool>,
}

impl HandedOut {
    /// Whether there were more.
    pub(super) fn was_cut(&self) -> bool {
        self.was_cut.load(Ordering::Relaxed)
    }
}

/// The batches behind the rows that are done.
pub(super) fn upcoming<B: Iterator<Item = Result<Batch>>>(
    batches: B,
    done: u64,
    digests: InputDigests,
    interrupt: Interrupt,
) -> (Upcoming<B>, HandedOut) {
    let (sender, read) = channel();
    let was_cut = Arc::new(AtomicBool::new(false));
    let handed_out = HandedOut { read: read.into_iter(), was_cut: was_cut.clone() };
    (Upcoming { batches, done, interrupt, digests, read: sender, was_cut }, handed_out)
}

impl<B: Iterator<Item = Result<Batch>>> Iterator for Upcoming<B> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut batch = match self.batches.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(error)),
            };
            if self.interrupt.signal().is_some() {
                self.was_cut.store(true, Ordering::Relaxed);
                return None;
            }
            self.done -= batch.leave_out(self.done);
            if !batch.is_empty() {
                // Nobody listens where writing has failed.
                let _ = self.read.send(self.digests.so_far());
                return Some(Ok(batch));
            }
        }
    }
}
