//! Settles the writes of a step that are in doubt: by what exists in HighLevel now, or by searching for long enough.

use std::time::Duration;

use domain::provisioning::{EffectState, Step};
use store::provisioning::{self as rows, Effect, MarkedIn, SearchOutcome, Source};

use super::plan::LOOK_GAP;
use super::run::Run;
use super::step::Stop;

impl Run {
    /// The recorded writes of the current step.
    pub async fn effects(&self) -> Result<Vec<Effect>, Stop> {
        let mut tx = self.tx().await?;
        Ok(rows::effects_of(&mut tx, self.job.fence.job, self.step).await?)
    }

    /// Returns true if the location's marker was put into its owner's e-mail address.
    pub async fn had_email_marker(&self) -> Result<bool, Stop> {
        let mut tx = self.tx().await?;
        let made = rows::effects_of(&mut tx, self.job.fence.job, Step::CreateLocation).await?;
        Ok(made.iter().any(|effect| effect.marked_in == Some(MarkedIn::Email)))
    }

    /// Ids of the confirmed writes of a kind in the current step.
    pub async fn confirmed(&self, kind: &str) -> Result<Vec<String>, Stop> {
        let mine = |effect: Effect| {
            (effect.kind == kind && effect.state == EffectState::Confirmed).then_some(effect.provider_ref).flatten()
        };
        Ok(self.effects().await?.into_iter().filter_map(mine).collect())
    }

    /// Confirms the step's writes in doubt whose result exists in HighLevel now. `found` returns the id of what a
    /// write made. The other writes stay in doubt. Returns how many were confirmed.
    pub async fn recognise(&self, found: impl Fn(&Effect) -> Option<String>) -> Result<usize, Stop> {
        let mut seen = 0;
        for effect in self.effects().await?.into_iter().filter(|effect| effect.state == EffectState::InDoubt) {
            let Some(id) = found(&effect) else { continue };
            let mut tx = self.tx().await?;
            rows::observe(&mut tx, effect.id, Source::List, &id, self.worker.me).await?;
            rows::confirm(&mut tx, &self.job.fence, effect.id, &id).await?;
            self.commit(tx).await?;
            seen += 1;
        }
        Ok(seen)
    }

    /// Gives up the step's writes in doubt, because the location that contained their result is gone.
    pub async fn give_up_doubts(&self) -> Result<(), Stop> {
        for effect in self.effects().await?.into_iter().filter(|effect| effect.state == EffectState::InDoubt) {
            let mut tx = self.tx().await?;
            rows::abandon(&mut tx, &self.job.fence, effect.id).await?;
            self.commit(tx).await?;
        }
        Ok(())
    }

    /// Settles the step's writes in doubt by what exists in HighLevel now. `found` returns the id of what a write
    /// made. Waits until enough time and enough searches have passed to be sure that a write did not happen.
    pub async fn settle(&self, found: impl Fn(&Effect) -> Option<String>) -> Result<(), Stop> {
        self.recognise(found).await?;
        let mut rest: Option<Duration> = None;
        for effect in self.effects().await?.into_iter().filter(|effect| effect.state == EffectState::InDoubt) {
            let mut tx = self.tx().await?;
            if let SearchOutcome::Again(left) =
                rows::record_empty_search(&mut tx, &self.job.fence, effect.id, self.worker.time_scale.guard(LOOK_GAP))
                    .await?
            {
                rest = Some(rest.map_or(left, |known| known.min(left)));
            }
            self.commit(tx).await?;
        }
        match rest {
            None => Ok(()),
            Some(left) => Err(Stop::wait(
                "HighLevel didn't answer in time. Checking what it did.",
                self.worker.time_scale.real(left),
            )),
        }
    }
}
