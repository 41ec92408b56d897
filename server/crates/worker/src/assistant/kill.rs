//! Where may a test end a worker that answers a customer? After each commit and on both sides of the model's answer. The
//! hook belongs to one worker; shipped builds have none.

use crate::failed::Failed;

/// A point at which a test may end the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerPoint {
    /// The answer is begun and committed; nobody was asked yet.
    Begun,
    /// What to answer is known, and stored nowhere.
    Thought,
    /// What became of it is written, and not committed.
    Written,
    /// It is committed; the work is not ended.
    Settled,
}

impl AnswerPoint {
    /// Every point.
    pub const ALL: [Self; 4] = [Self::Begun, Self::Thought, Self::Written, Self::Settled];
}

/// The hook of one worker.
#[derive(Clone, Default)]
pub(crate) struct AnswerHook {
    #[cfg(feature = "testing")]
    hook: Option<std::sync::Arc<dyn Fn(AnswerPoint) -> bool + Send + Sync>>,
}

#[cfg(feature = "testing")]
impl AnswerHook {
    /// A hook that returns true if the worker is to end at this point.
    pub(crate) fn new(hook: impl Fn(AnswerPoint) -> bool + Send + Sync + 'static) -> Self {
        Self { hook: Some(std::sync::Arc::new(hook)) }
    }

    /// Called when the worker passes a point. The work comes again, as that of a process that ended does.
    pub(super) fn at(&self, point: AnswerPoint) -> Result<(), Failed> {
        match &self.hook {
            Some(hook) if hook(point) => Err(Failed::held("the test ended the worker", std::time::Duration::ZERO)),
            _ => Ok(()),
        }
    }
}

#[cfg(not(feature = "testing"))]
impl AnswerHook {
    /// Called when the worker passes a point. Does nothing in this build.
    pub(super) const fn at(&self, _: AnswerPoint) -> Result<(), Failed> {
        Ok(())
    }
}
