//! Lets a test kill a worker at defined points: six around each outside write, and one after each commit. The hook
//! belongs to one worker, not to the process, so tests run in parallel. Shipped builds have no hook.

use domain::provisioning::Step;

use crate::provisioning::step::Stop;

/// A point at which a worker may vanish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillPoint {
    /// Before the write is on record.
    C1,
    /// On record, not sent.
    C2,
    /// Sent, answer not seen.
    C3,
    /// Answer seen, not written down.
    C4,
    /// Evidence written down, not decided.
    C5,
    /// Decided.
    C6,
    /// After any committed transaction.
    Written,
    /// A step has begun, forward or backward, and looks how things stand.
    Begun,
}

impl KillPoint {
    /// The six points around a write.
    pub const CALLS: [Self; 6] = [Self::C1, Self::C2, Self::C3, Self::C4, Self::C5, Self::C6];
}

/// The hook of a worker.
#[derive(Clone, Default)]
pub(crate) struct KillHook {
    #[cfg(feature = "testing")]
    hook: Option<std::sync::Arc<dyn Fn(Step, KillPoint) -> bool + Send + Sync>>,
}

#[cfg(feature = "testing")]
impl KillHook {
    /// A hook that says whether the worker ends here.
    pub(crate) fn new(hook: impl Fn(Step, KillPoint) -> bool + Send + Sync + 'static) -> Self {
        Self { hook: Some(std::sync::Arc::new(hook)) }
    }

    /// Passes a point.
    pub(crate) fn at(&self, step: Step, point: KillPoint) -> Result<(), Stop> {
        match &self.hook {
            Some(hook) if hook(step, point) => Err(Stop::Died),
            _ => Ok(()),
        }
    }
}

#[cfg(not(feature = "testing"))]
impl KillHook {
    /// Passes a point; nothing can happen here.
    pub(crate) const fn at(&self, _: Step, _: KillPoint) -> Result<(), Stop> {
        Ok(())
    }
}
