//! How does a mail name several notifications? Under headings, what needs a person first, then the newest; the same fact about
//! the same thing once, with how often it happened; each with the address of its page.

use std::cmp::Reverse;

use domain::language::Language;
use domain::notifications::timing::by_clock;
use domain::notifications::{Rules, Severity, shown};
use mail::{Body, Button, Group, sanitize_name};
use store::notifications::Taken;

use crate::mails::messages::{Messages, messages};

/// How many facts a mail names at most.
const MOST: usize = 20;

/// What happened with one thing.
struct Fact<'a> {
    newest: &'a Taken,
    times: usize,
}

/// What several notifications say.
pub(super) struct Summary<'a> {
    facts: Vec<Fact<'a>>,
    /// How many notifications there are beside these facts.
    uncounted: i64,
}

impl<'a> Summary<'a> {
    /// What these notifications say, and that there are more.
    pub(super) fn of(taken: &'a [Taken], more: i64) -> Self {
        let mut facts: Vec<Fact<'a>> = Vec::new();
        for one in taken {
            match facts.iter_mut().find(|fact| is_same(fact.newest, one)) {
                Some(fact) => {
                    fact.times += 1;
                    if one.at > fact.newest.at {
                        fact.newest = one;
                    }
                }
                None => facts.push(Fact { newest: one, times: 1 }),
            }
        }
        facts.sort_by_key(|fact| (fact.newest.kind.severity(), Reverse(fact.newest.at), Reverse(fact.newest.id)));
        Self { facts, uncounted: more }
    }

    /// What stands first, for the subject.
    pub(super) fn first(&self, texts: &Messages) -> String {
        self.facts.first().map(|fact| said(texts, fact)).unwrap_or_default()
    }

    /// How many others there are beside the first.
    pub(super) fn others(&self) -> i64 {
        self.beside(1)
    }

    /// How many there are beside so many facts.
    fn beside(&self, named: usize) -> i64 {
        let rest = self.facts.len().saturating_sub(named);
        self.uncounted.saturating_add(i64::try_from(rest).unwrap_or(i64::MAX))
    }

    /// The mail, whose links begin with `base`.
    pub(super) fn body(&self, language: Language, rules: &Rules, base: &str) -> Body {
        let (texts, page) = (messages(language), format!("{base}/notifications"));
        let line = |fact: &Fact<'_>| {
            let (one, said) = (fact.newest, said(texts, fact));
            let label = match fact.times {
                1 => said,
                times => (texts.repeated)(&said, times, &by_clock(rules, one.at, language)),
            };
            Button { label, href: shown::link(one.kind, one.subject, one.business, base) }
        };
        let of = |severity: Severity| {
            let named = self.facts.iter().take(MOST).filter(|fact| fact.newest.kind.severity() == severity);
            Group { heading: (texts.group)(severity).to_owned(), lines: named.map(line).collect() }
        };
        let mut groups: Vec<Group> = [Severity::NeedsYou, Severity::Finished, Severity::Info].map(of).into();
        groups.retain(|group| !group.lines.is_empty());
        let more = self.beside(MOST);
        if more > 0 {
            let line = Button { label: (texts.and_more)(more), href: page.clone() };
            groups.push(Group { heading: String::new(), lines: vec![line] });
        }
        Body::listing(groups).with_button(texts.open_notifications, page)
    }
}

/// Whether two notifications say the same of the same thing.
fn is_same(one: &Taken, other: &Taken) -> bool {
    let about = match (one.subject, other.subject) {
        (None, None) => one.business == other.business && one.title == other.title,
        (one, other) => one == other,
    };
    about && one.kind == other.kind
}

/// What a fact says, in one line.
fn said(texts: &Messages, fact: &Fact<'_>) -> String {
    (texts.event)(fact.newest.kind, &sanitize_name(&fact.newest.title))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::NotificationId;
    use domain::notifications::{Choices, Kind};
    use uuid::Uuid;

    use super::*;

    /// A notification of this minute about the thing with this number; without a thing if that is zero.
    fn told(kind: Kind, thing: u128, minute: i64) -> Taken {
        Taken {
            id: NotificationId(Uuid::from_u128(minute.unsigned_abs().into())),
            kind,
            subject: (thing > 0).then(|| Uuid::from_u128(thing)),
            business: None,
            title: format!("Thing {thing}"),
            detail: String::new(),
            // 1 December 2026, noon in UTC.
            at: DateTime::from_timestamp(1_796_126_400 + minute * 60, 0).unwrap(),
        }
    }

    fn rules() -> Rules {
        let own = Choices { timezone: Some("UTC".to_owned()), ..Choices::default() };
        Rules { own, agency: Choices::default() }
    }

    /// The headings of a mail, each with the labels below it.
    fn shown_by(summary: &Summary<'_>, language: Language) -> Vec<(String, Vec<String>)> {
        let groups = summary.body(language, &rules(), "http://x/a/harbor").groups;
        let labels = |group: Group| group.lines.into_iter().map(|line| line.label).collect();
        groups.into_iter().map(|group| (group.heading.clone(), labels(group))).collect()
    }

    #[test]
    fn what_needs_a_person_stands_first_and_the_same_fact_stands_once() {
        let taken = [
            told(Kind::JobFinished, 1, 9),
            told(Kind::ClientCreated, 5, 10),
            told(Kind::JobFailed, 2, 1),
            told(Kind::ConnectionLost, 3, 4),
            told(Kind::JobFailed, 2, 7),
            told(Kind::JobFailed, 4, 2),
            told(Kind::JobFailed, 2, 3),
            told(Kind::WebhookDisabled, 0, 0),
            told(Kind::WebhookDisabled, 0, 5),
        ];
        let summary = Summary::of(&taken, 0);
        let english = [
            (
                "Needs attention",
                vec![
                    "Setting up Thing 2 failed \u{b7} 3 times, last on Dec 1, 12:07 PM UTC",
                    "Webhook Thing 0 was turned off \u{b7} 2 times, last on Dec 1, 12:05 PM UTC",
                    "Thing 3 is disconnected",
                    "Setting up Thing 4 failed",
                ],
            ),
            ("Finished", vec!["Thing 1 is set up"]),
            ("Good to know", vec!["Thing 5 was added as a client"]),
        ];
        let expected: Vec<(String, Vec<String>)> = english
            .into_iter()
            .map(|(heading, lines)| (heading.to_owned(), lines.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(shown_by(&summary, Language::English), expected);
        assert_eq!(summary.others(), 5);
        let spanish = shown_by(&summary, Language::Spanish);
        assert_eq!(spanish[0].0, "Requiere su atenci\u{f3}n");
        assert!(spanish[0].1[0].ends_with("3 veces, la \u{fa}ltima el 1 dic, 12:07 UTC"), "{spanish:?}");
        let body = summary.body(Language::English, &rules(), "http://x/a/harbor");
        let job = format!("http://x/a/harbor/provisioning/{}", Uuid::from_u128(2));
        assert_eq!(body.groups[0].lines[0].href, job);
    }

    #[test]
    fn a_mail_names_so_many_and_counts_the_others() {
        let taken: Vec<Taken> = (1..=30).map(|number| told(Kind::TodoAssigned, number, 0)).collect();
        let summary = Summary::of(&taken, 1_500);
        let body = summary.body(Language::English, &rules(), "http://x/a/harbor");
        let lines: Vec<usize> = body.groups.iter().map(|group| group.lines.len()).collect();
        assert_eq!(lines, [MOST, 1]);
        let rest = &body.groups[1].lines[0];
        assert_eq!((rest.label.as_str(), rest.href.as_str()), ("and 1,510 more", "http://x/a/harbor/notifications"));
        assert_eq!(summary.others(), 1_529);
    }
}
