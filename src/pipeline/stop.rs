//! Ending early what nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Whether to end. All copies are one: who holds one sets it, and those who work with another look at it.
///
/// It is no setting: any two are equal, and none is stored.
///
/// ```
/// use rubrique::pipeline::Stop;
/// let stop = Stop::default();
/// let copy = stop.clone();
/// assert!(copy.check().is_ok());
/// stop.set();
/// assert!(copy.is_set() && copy.check().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks everybody with a copy to end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once somebody asked to end.
    pub fn check(&self) -> Result<()> {
        match self.is_set() {
            false => Ok(()),
            true => Err(Error::data("it was ended early", "starting it again")),
        }
    }
}

impl PartialEq for Stop {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
