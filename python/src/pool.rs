//! The threads that work, while Python's own are free to go on.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::refused;

/// The pool, and the process that it belongs to: a forked child has none of its parent's threads.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Runs `work` on the pool, without the interpreter's lock. `work` must not wait for Python.
pub fn run<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let pool = of_this_process()?;
    Ok(py.detach(|| pool.install(work)))
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
