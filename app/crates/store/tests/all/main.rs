//! What do the statements of the store keep true, in a database of their own for each test? All of them are one program: it is
//! linked once, and while a long test runs on one core, short ones of other files run on the next.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "a test that cannot make its world has failed")]

mod abandoned;
mod assistant;
mod audit;
mod bearers;
mod calls;
mod claims;
mod clock;
mod database_unavailable;
mod dead_work;
mod drafts;
mod identity;
mod imports;
mod inbound;
mod inboxes;
mod invitations;
mod isolation;
mod jobs;
mod mails;
mod members;
mod messaging;
mod notifications;
mod notified_changes;
mod orders;
mod outbox;
mod phone_routes;
mod pooler;
mod presets;
mod queue;
mod queue_limits;
mod rate_windows;
mod retention;
mod rls;
mod saved_views;
mod sealed;
mod silent_listener;
mod spellings;
mod tenancy;
mod throttle;
mod todos;
mod tools;
mod trash;
mod typical_durations;
mod unreadable_orders;
mod vault;
mod wake_ups;
mod webhooks;
