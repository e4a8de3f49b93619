//! The threads that work, while Python's own are free to go on.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rubrique::pipeline::Stop;

use crate::error::refused;

/// The pool, and the process that it belongs to: a forked child has none of its parent's threads.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// How often somebody who waits looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// Runs `work` on the pool, without the interpreter's lock, which it must not wait for. A signal whose handler raises an exception, as that of
/// Ctrl-C does, ends the waiting at once; then `stop` is set, and the work ends by itself as soon as it looks.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    stop: &Stop,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let pool = of_this_process()?;
    let (done, mut result) = sync_channel(1);
    pool.spawn(move || {
        // Nobody may be waiting any more.
        let _ = done.send(catch_unwind(AssertUnwindSafe(work)));
    });
    loop {
        let waited;
        (waited, result) = py.detach(move || (result.recv_timeout(LOOK), result));
        match waited {
            Ok(worked) => return Ok(worked.unwrap_or_else(|panic| resume_unwind(panic))),
            Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| stop.set())?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(refused("a thread ended before its work", "again"));
            }
        }
    }
}

/// The pool of this process.
pub fn of_this_process() -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match &*pool {
        Some((process, pool)) if *process == std::process::id() => Ok(pool.clone()),
        _ => renew(&mut pool, 0),
    }
}

/// Takes so many threads from now on; 0: as many as there are cores, or as `RAYON_NUM_THREADS` says.
pub fn set_threads(threads: usize) -> PyResult<()> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    renew(&mut pool, threads).map(drop)
}

fn renew(pool: &mut Option<(u32, Arc<ThreadPool>)>, threads: usize) -> PyResult<Arc<ThreadPool>> {
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    let built = Arc::new(built.map_err(|error| refused(error, "fewer threads"))?);
    if let Some((process, old)) = pool.replace((std::process::id(), built.clone()))
        && process != std::process::id()
    {
        // Its threads are not here to hear that they are to end.
        std::mem::forget(old);
    }
    Ok(built)
}
