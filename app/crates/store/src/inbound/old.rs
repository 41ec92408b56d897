//! How long is kept what platforms sent? Bodies and items for whoever looks into a fault, keys for as long as a platform
//! repeats itself: WhatsApp for seven days (Meta, webhooks).

use std::time::Duration;

use crate::removal::{Rule, by_platform, by_worker};

const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);

/// Bodies as they came.
pub(crate) const EVENTS: Rule = Rule {
    name: "inbound-events",
    title: "Remove what platforms sent after 30 days",
    tables: &["inbound_events"],
    time: "created_at",
    age: DAY.saturating_mul(30),
    every: HOUR,
    piece: by_worker!(
        "delete from inbound_events where id = any(array(select id from inbound_events where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};

/// What became of their items.
pub(crate) const ITEMS: Rule = Rule {
    name: "inbound-items",
    title: "Remove the record of received items after 30 days",
    tables: &["inbound_items"],
    time: "created_at",
    age: DAY.saturating_mul(30),
    every: HOUR,
    piece: by_platform!(
        "delete from inbound_items where id = any(array(select id from inbound_items where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};

/// The keys by which repeats are known.
pub(crate) const KEYS: Rule = Rule {
    name: "inbound-keys",
    title: "Forget the keys of received items after 14 days",
    tables: &["inbound_keys"],
    time: "created_at",
    age: DAY.saturating_mul(14),
    every: HOUR,
    piece: by_worker!(
        "delete from inbound_keys where ctid = any(array(select ctid from inbound_keys where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};

/// Statuses of messages that never became known.
pub(crate) const EARLY_STATUSES: Rule = Rule {
    name: "early-statuses",
    title: "Remove statuses of unknown messages after a week",
    tables: &["early_statuses"],
    time: "created_at",
    age: DAY.saturating_mul(7),
    every: HOUR,
    piece: by_worker!(
        "delete from early_statuses where ctid = any(array(select ctid from early_statuses where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
    ),
};
