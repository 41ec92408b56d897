//! Lets a test kill a worker at defined points: six around each outside write, and one after each commit. The hook
//! belongs to one worker, not to the process, so tests run in parallel. Shipped builds have no hook.

use domain::provisioning::Step;

use crate::provisioning::step::Stop;

/// A point at which a test may kill a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillPoint {
    /// Before the write is recorded.
    C1,
    /// The write is recorded but not sent.
    C2,
    /// The write is sent; the answer has not been read.
    C3,
    /// The answer has been read but not stored.
    C4,
    /// The answer is stored as evidence; the outcome is not decided.
    C5,
    /// The outcome is decided.
    C6,
    /// After any committed transaction.
    Written,
    /// A step has started, to run or to be undone, and is about to check the current state.
    Begun,
}

impl KillPoint {
    /// The six points around an outside write.
    pub const CALLS: [Self; 6] = [Self::C1, Self::C2, Self::C3, Self::C4, Self::C5, Self::C6];
}

/// The kill hook of one worker.
#[derive(Clone, Default)]
pub(crate) struct KillHook {
    #[cfg(feature = "testing")]
    hook: Option<std::sync::Arc<dyn Fn(Step, KillPoint) -> bool + Send + Sync>>,
}

#[cfg(feature = "testing")]
impl KillHook {
    /// Creates a hook. It returns true if the worker is to be killed at this point.
    pub(crate) fn new(hook: impl Fn(Step, KillPoint) -> bool + Send + Sync + 'static) -> Self {
        Self { hook: Some(std::sync::Arc::new(hook)) }
    }

    /// Called when the worker passes a point.
    pub(crate) fn at(&self, step: Step, point: KillPoint) -> Result<(), Stop> {
        match &self.hook {
            Some(hook) if hook(step, point) => Err(Stop::Died),
            _ => Ok(()),
        }
    }
}

#[cfg(not(feature = "testing"))]
impl KillHook {
    /// Called when the worker passes a point. Does nothing in this build.
    pub(crate) const fn at(&self, _: Step, _: KillPoint) -> Result<(), Stop> {
        Ok(())
    }
}
