//! The queue of one rate-limit key: it decides whose turn it is and applies what the provider reported about the limit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::report::Priority;
use crate::slots::{Grant, LimitFeedback, Limits, SlotId};

/// The provider may count this many calls more than we know of before we conclude that somebody else uses the same
/// key. From then on, background work leaves this many slots free for people.
const FOREIGN_CALLS_THRESHOLD: u32 = 10;
/// One in this many of the day's calls is reserved for people. When no more than that are left, background work
/// waits for the next day.
const DAILY_RESERVE_DIVISOR: u32 = 100;
/// Background work that waits for the next day checks again after this time at the latest, also when the headers
/// do not say when the day ends.
const DAY_LEFT: Duration = Duration::from_secs(60 * 60);
/// The first caller in the queue takes slots for at most this many waiting callers, including itself.
const BATCH: usize = 20;

/// What a waiting caller has to do now.
pub(super) enum Turn {
    /// Make the call.
    Go(SlotId),
    /// Ask the ledger for slots for all waiting callers.
    Ask { want: u32, spare: u32 },
    /// Wait: the caller is first in the queue, but no slot is free before this time has passed. The flag is true
    /// if the daily limit is used up.
    Wait(Duration, bool),
    /// Wait: other callers are ahead in the queue.
    Queue,
}

pub(super) struct KeyQueue {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    people: VecDeque<Waiter>,
    background: VecDeque<Waiter>,
    next: u64,
    asking: bool,
    /// No slot is free before this time. The flag is true if the daily limit is used up.
    rest: Option<(Instant, bool)>,
    /// The same as `rest`, but for background work only.
    background_rest: Option<(Instant, bool)>,
    /// Slots in use at each grant of the last two intervals: the calls that our own count explains.
    used: VecDeque<(Instant, u32)>,
    /// The number of calls in the provider's count that are not ours, and when this estimate expires.
    foreign: Option<(u32, Instant)>,
}

struct Waiter {
    ticket: u64,
    wake: Arc<Notify>,
    place: Option<SlotId>,
}

/// A caller's position in the queue. It may be dropped at any time.
pub(super) struct Ticket<'a> {
    key_queue: &'a KeyQueue,
    ticket: u64,
    wake: Arc<Notify>,
}

/// The right to ask the ledger. Only one caller has it at a time. Dropping it gives it back.
pub(super) struct LedgerTurn<'a> {
    key_queue: &'a KeyQueue,
    person: bool,
}

impl KeyQueue {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default() }
    }

    pub(super) fn join(&self, priority: Priority) -> Ticket<'_> {
        let mut state = self.state();
        let ticket = state.next;
        state.next += 1;
        let wake = Arc::new(Notify::new());
        let waiter = Waiter { ticket, wake: Arc::clone(&wake), place: None };
        match priority {
            Priority::Interactive => state.people.push_back(waiter),
            Priority::Background => state.background.push_back(waiter),
        }
        Ticket { key_queue: self, ticket, wake }
    }

    /// Applies what a response said about the limit. Only calls that our own count does not explain slow us down.
    pub(super) fn apply_feedback(&self, feedback: LimitFeedback, now: Instant) {
        let mut state = self.state();
        let mut quota = feedback.quota;
        if feedback.limited || quota.daily_remaining == Some(0) {
            quota.interval = quota.interval.or(Some(self.limits.interval));
            let pause = quota.pause();
            let until = now + pause.wait;
            if state.rest.is_none_or(|(rest, _)| rest < until) {
                state.rest = Some((until, pause.daily));
            }
        }
        if let (Some(left), Some(limit)) = (feedback.quota.daily_remaining, feedback.quota.daily_limit)
            && left <= limit / DAILY_RESERVE_DIVISOR
        {
            let until = now + feedback.quota.daily_reset.unwrap_or(DAY_LEFT).min(DAY_LEFT);
            state.background_rest = state.background_rest.max(Some((until, true)));
        }
        if let Some(remaining) = quota.remaining {
            let burst = self.limits.burst;
            let max = quota.max.unwrap_or(burst);
            let ours = state.used.iter().map(|(_, used)| *used).max().unwrap_or(0);
            let others = max.saturating_sub(remaining).saturating_sub(ours);
            let foreign = if others > FOREIGN_CALLS_THRESHOLD { others } else { 0 } + burst.saturating_sub(max);
            state.foreign = (foreign > 0).then_some((foreign, now + self.limits.interval));
        }
        state.wake_first();
    }

    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let state = self.state();
        let empty = state.people.is_empty() && state.background.is_empty();
        let rests = |rest: Option<(Instant, bool)>| rest.is_some_and(|(until, _)| until > now);
        empty && !rests(state.rest) && !rests(state.background_rest)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}

impl State {
    fn everyone(&mut self) -> impl Iterator<Item = &mut Waiter> {
        self.people.iter_mut().chain(self.background.iter_mut())
    }

    fn first(&self) -> Option<&Waiter> {
        let waits = |waiter: &&Waiter| waiter.place.is_none();
        self.people.iter().find(waits).or_else(|| self.background.iter().find(waits))
    }

    /// Gives the slot to the first waiting caller. If nobody waits, the slot expires unused.
    fn give(&mut self, place: SlotId) {
        if let Some(waiter) = self.everyone().find(|waiter| waiter.place.is_none()) {
            waiter.place = Some(place);
            waiter.wake.notify_one();
        }
    }

    fn wake_first(&self) {
        if let Some(first) = self.first() {
            first.wake.notify_one();
        }
    }

    fn paused_for(&mut self, person: bool, now: Instant) -> Option<(Duration, bool)> {
        self.rest = self.rest.filter(|(until, _)| *until > now);
        self.background_rest = self.background_rest.filter(|(until, _)| *until > now);
        let background = self.background_rest.filter(|_| !person);
        let (until, daily) = self.rest.max(background)?;
        Some((until - now, daily))
    }
}

impl<'a> Ticket<'a> {
    pub(super) fn turn(&self, now: Instant) -> Turn {
        let mut state = self.key_queue.state();
        let ours = self.ticket;
        let placed = state.everyone().find(|waiter| waiter.ticket == ours).and_then(|waiter| waiter.place.take());
        if let Some(place) = placed {
            return Turn::Go(place);
        }
        let is_first = state.first().is_some_and(|first| first.ticket == ours);
        if !is_first || state.asking {
            return Turn::Queue;
        }
        let person = state.people.iter().any(|waiter| waiter.ticket == ours);
        if let Some((wait, daily)) = state.paused_for(person, now) {
            return Turn::Wait(wait, daily);
        }
        let crowd = if person { &state.people } else { &state.background };
        let waiting = crowd.iter().filter(|waiter| waiter.place.is_none()).count().min(BATCH);
        let foreign = state.foreign.filter(|(_, until)| *until > now).map_or(0, |(count, _)| count);
        let courtesy = if foreign > 0 && !person { FOREIGN_CALLS_THRESHOLD } else { 0 };
        state.asking = true;
        Turn::Ask { want: u32::try_from(waiting).unwrap_or(1), spare: foreign + courtesy }
    }

    pub(super) fn asking(&self) -> LedgerTurn<'a> {
        let person = self.key_queue.state().people.iter().any(|waiter| waiter.ticket == self.ticket);
        LedgerTurn { key_queue: self.key_queue, person }
    }

    pub(super) async fn woken(&self, at_most: Duration) {
        // Whether the time elapsed or the caller was woken, it checks again.
        let _ = tokio::time::timeout(at_most, self.wake.notified()).await;
    }
}

impl LedgerTurn<'_> {
    /// Gives the slots to the waiting callers, people first.
    pub(super) fn hand_out(self, grant: Grant, now: Instant) {
        let interval = self.key_queue.limits.interval;
        let mut state = self.key_queue.state();
        state.used.retain(|(at, _)| now - *at < interval * 2);
        state.used.push_back((now, grant.used));
        grant.places.into_iter().for_each(|place| state.give(place));
        if grant.wait.is_zero() {
            return;
        }
        // A call answered from now on frees its slot one interval later, so nothing can change before then.
        let wait = if grant.daily { grant.wait } else { grant.wait.min(interval) };
        let foreign = state.foreign.is_some_and(|(_, until)| until > now);
        if foreign && !self.person && !grant.daily {
            state.background_rest = state.background_rest.max(Some((now + wait, false)));
        } else if state.rest.is_none_or(|(rest, _)| rest < now + wait) {
            state.rest = Some((now + wait, grant.daily));
        }
    }
}

impl Drop for LedgerTurn<'_> {
    fn drop(&mut self) {
        let mut state = self.key_queue.state();
        state.asking = false;
        state.wake_first();
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.key_queue.state();
        let ours = self.ticket;
        let unused = state.everyone().find(|waiter| waiter.ticket == ours).and_then(|waiter| waiter.place.take());
        state.people.retain(|waiter| waiter.ticket != ours);
        state.background.retain(|waiter| waiter.ticket != ours);
        if let Some(place) = unused {
            state.give(place);
        }
        state.wake_first();
    }
}
