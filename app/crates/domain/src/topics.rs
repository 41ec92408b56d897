//! Matches events with the topics that a part of a page shows. A topic is `name:subject`, such as
//! `provisioning.job:0195…`, or `name:*` for every subject; `*` is everything.

/// The event of a page that may have missed something: it concerns every part.
pub const MISSED: &str = "missed";

/// True if something that shows `topics`, separated by blanks, shows what this event changed.
#[must_use]
pub fn concerns(topics: &str, event: &str) -> bool {
    let topic = event.split(':').next().unwrap_or(event);
    let fits = |one: &str| one == "*" || one == event || one.strip_suffix(":*") == Some(topic);
    event == MISSED || topics.split_ascii_whitespace().any(fits)
}

/// Adds to `known` the topics of `more` that it lacks. Returns true if there were any. Everything lacks nothing.
pub fn add(known: &mut Vec<String>, more: &str) -> bool {
    let before = known.len();
    for one in more.split_ascii_whitespace() {
        if !known.iter().any(|have| have == one || have == "*") {
            known.push(one.to_owned());
        }
    }
    known.len() > before
}

#[cfg(test)]
mod tests {
    use super::{MISSED, add, concerns};

    #[test]
    fn an_event_concerns_its_subject_and_whoever_shows_them_all() {
        for (topics, event, expected) in [
            ("provisioning.job:1", "provisioning.job:1", true),
            ("provisioning.job:1", "provisioning.job:2", false),
            ("snapshots.synced:* provisioning.job:*", "provisioning.job:2", true),
            ("provisioning.job:*", "provisioning.jobs:2", false),
            ("*", "anything", true),
            ("", "anything", false),
            ("", MISSED, true),
            ("snapshots.synced:*", "snapshots.synced:", true),
        ] {
            assert_eq!(concerns(topics, event), expected, "{topics:?} {event:?}");
        }
    }

    #[test]
    fn known_topics_are_added_once() {
        let mut known = vec!["a:1".to_owned()];
        assert!(!add(&mut known, "a:1"));
        assert!(add(&mut known, "a:1 b:* b:*"));
        assert_eq!(known, ["a:1", "b:*"]);
        assert!(add(&mut known, "*") && !add(&mut known, "c:1"));
    }
}
