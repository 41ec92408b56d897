//! What does a business say of its assistant? Who it is, what it must not do, and how much it may do.

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The settings of a business's assistant (`ai_agents.settings`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The assistant's name.
    pub name: String,
    /// How it speaks.
    pub personality: String,
    /// How it greets somebody who writes for the first time; empty for no greeting of its own.
    pub greeting: String,
    /// What it is to do.
    pub instructions: String,
    /// What the business offers.
    pub services: Vec<Service>,
    /// What tells customers that no person answers; empty for a line of ours ([`Self::disclosure_in`]).
    pub disclosure: String,
    /// Topics that only people handle.
    pub never: Vec<String>,
    /// Further words by which a customer asks for a person.
    pub hand_over_words: Vec<String>,
    /// What a customer is told when people take over; empty for a line of ours ([`Self::hand_over_line_in`]).
    pub hand_over_line: String,
    /// Hosts or addresses that replies may contain.
    pub links: Vec<String>,
    /// Number of automatic answers in a row, without a person in between.
    pub max_replies: u16,
    /// Number of automatic answers to one customer within an hour.
    pub per_hour: u16,
    /// How long the assistant waits for further messages, in seconds.
    pub batch_seconds: u16,
    /// Number of tokens that a day may cost; 0 for none.
    pub daily_tokens: u32,
    /// The language that it answers in; `None` for the customer's.
    pub language: Option<Language>,
}

/// Something that a business offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What it costs, in the business's words.
    pub price: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Assistant".to_owned(),
            personality: "Friendly, brief and precise.".to_owned(),
            greeting: String::new(),
            instructions: String::new(),
            services: Vec::new(),
            disclosure: String::new(),
            never: Vec::new(),
            hand_over_words: Vec::new(),
            hand_over_line: String::new(),
            links: Vec::new(),
            max_replies: 10,
            per_hour: 20,
            batch_seconds: 8,
            daily_tokens: 200_000,
            language: None,
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is empty.
    Empty,
    /// It, or one of its entries, has more than this many characters.
    Long(usize),
    /// It has more than this many entries.
    Many(usize),
    /// It is less than the first or more than the second number.
    Outside(u32, u32),
    /// One of its entries is neither a host nor an address.
    NoAddress,
}

/// A field that differs between two settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The name of the field.
    pub field: String,
    /// What it was, as text.
    pub before: String,
    /// What it is, as text.
    pub after: String,
}

/// The most characters of each text.
const LONGEST: [(&str, usize); 6] = [
    ("name", 120),
    ("personality", 4000),
    ("greeting", 1000),
    ("instructions", 20_000),
    ("disclosure", 500),
    ("hand_over_line", 1000),
];
/// Number of services.
const MOST_SERVICES: usize = 50;
/// Number of entries of each other list, and the most characters of one.
const MOST_ENTRIES: usize = 50;
const LONGEST_ENTRY: usize = 200;
/// The most characters of a service's name, description and price.
const LONGEST_SERVICE: [usize; 3] = [120, 1000, 120];

impl Settings {
    /// What is wrong, by field. Empty if they may be stored.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, Problem)> {
        let mut wrong = Vec::new();
        for ((field, most), text) in LONGEST.into_iter().zip(self.texts()) {
            if text.chars().count() > most {
                wrong.push((field, Problem::Long(most)));
            }
        }
        if self.name.trim().is_empty() {
            wrong.push(("name", Problem::Empty));
        }
        wrong.extend(self.wrong_service().map(|problem| ("services", problem)));
        for (field, entries) in self.lists() {
            wrong.extend(wrong_entry(entries).map(|problem| (field, problem)));
        }
        if !self.links.iter().all(|link| is_link(link)) {
            wrong.push(("links", Problem::NoAddress));
        }
        for (field, number, from, to) in [
            ("max_replies", u32::from(self.max_replies), 1, 100),
            ("per_hour", u32::from(self.per_hour), 1, 200),
            ("batch_seconds", u32::from(self.batch_seconds), 1, 300),
            ("daily_tokens", self.daily_tokens, 0, 100_000_000),
        ] {
            if !(from..=to).contains(&number) {
                wrong.push((field, Problem::Outside(from, to)));
            }
        }
        wrong
    }

    /// The texts, in the order of [`LONGEST`].
    fn texts(&self) -> [&str; 6] {
        [&self.name, &self.personality, &self.greeting, &self.instructions, &self.disclosure, &self.hand_over_line]
    }

    fn lists(&self) -> [(&'static str, &[String]); 3] {
        [("never", &self.never), ("hand_over_words", &self.hand_over_words), ("links", &self.links)]
    }

    fn wrong_service(&self) -> Option<Problem> {
        if self.services.len() > MOST_SERVICES {
            return Some(Problem::Many(MOST_SERVICES));
        }
        self.services.iter().find_map(|service| {
            let texts = [&service.name, &service.description, &service.price];
            let long = texts.iter().zip(LONGEST_SERVICE).find(|(text, most)| text.chars().count() > *most);
            long.map(|(_, most)| Problem::Long(most))
                .or_else(|| service.name.trim().is_empty().then_some(Problem::Empty))
        })
    }

    /// The fields that differ from another's, with what they are there (before) and here (after).
    #[must_use]
    pub fn diff(&self, other: &Self) -> Vec<Change> {
        let pairs = other.shown().into_iter().zip(self.shown());
        let differing = pairs.filter(|((_, before), (_, after))| before != after);
        differing.map(|((field, before), (_, after))| Change { field: field.to_owned(), before, after }).collect()
    }

    /// Each field as text.
    fn shown(&self) -> Vec<(&'static str, String)> {
        let services = self.services.iter().map(|service| {
            let parts = [service.name.as_str(), &service.description, &service.price];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
        });
        let services = ("services", services.collect::<Vec<_>>().join("\n"));
        let texts = LONGEST.into_iter().zip(self.texts()).map(|((field, _), text)| (field, text.to_owned()));
        let lists = self.lists().map(|(field, entries)| (field, entries.join("\n")));
        let numbers = [
            ("max_replies", self.max_replies.to_string()),
            ("per_hour", self.per_hour.to_string()),
            ("batch_seconds", self.batch_seconds.to_string()),
            ("daily_tokens", self.daily_tokens.to_string()),
            ("language", self.language.map_or("", Language::key).to_owned()),
        ];
        texts.chain([services]).chain(lists).chain(numbers).collect()
    }

    /// What tells a customer, in their language, that no person answers.
    #[must_use]
    pub fn disclosure_in(&self, language: Language) -> &str {
        match (self.disclosure.trim(), language) {
            ("", Language::English) => "You are chatting with an automated assistant.",
            ("", Language::Spanish) => "Está conversando con un asistente automático.",
            (own, _) => own,
        }
    }

    /// What a customer is told, in their language, when people take over.
    #[must_use]
    pub fn hand_over_line_in(&self, language: Language) -> &str {
        match (self.hand_over_line.trim(), language) {
            ("", Language::English) => "Thank you. Somebody from our team will answer you here.",
            ("", Language::Spanish) => "Gracias. Una persona de nuestro equipo le responderá por aquí.",
            (own, _) => own,
        }
    }

    /// Everything that the business wrote for customers to read: what a reply may repeat.
    #[must_use]
    pub fn told(&self) -> Vec<&str> {
        let services = self.services.iter().flat_map(|one| [one.name.as_str(), &one.description, &one.price]);
        [self.greeting.as_str(), &self.disclosure, &self.hand_over_line].into_iter().chain(services).collect()
    }
}

fn wrong_entry(entries: &[String]) -> Option<Problem> {
    if entries.len() > MOST_ENTRIES {
        return Some(Problem::Many(MOST_ENTRIES));
    }
    entries.iter().find_map(|entry| match entry.trim().chars().count() {
        0 => Some(Problem::Empty),
        count if count > LONGEST_ENTRY => Some(Problem::Long(LONGEST_ENTRY)),
        _ => None,
    })
}

/// The address that a link of the settings means: a host stands for everything on it. `None` if it is neither.
#[must_use]
pub fn link(text: &str) -> Option<url::Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = url::Url::parse(&whole).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let is_named = url.domain().is_some_and(|host| host.trim_matches('.').contains('.'));
    (is_plain && is_named).then_some(url)
}

fn is_link(text: &str) -> bool {
    link(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_may_be_stored_and_says_who_answers() {
        let settings = Settings::default();
        assert_eq!(settings.check(), []);
        assert_eq!(serde_json::from_value::<Settings>(serde_json::json!({})).expect("settings"), settings);
        for language in Language::ALL {
            assert!(!settings.disclosure_in(language).is_empty() && !settings.hand_over_line_in(language).is_empty());
        }
        let own = Settings { disclosure: "A robot.".into(), ..Settings::default() };
        assert_eq!(own.disclosure_in(Language::Spanish), "A robot.");
    }

    #[test]
    fn what_cannot_be_stored_is_named() {
        let of = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check()
        };
        assert_eq!(of(|s| s.name = " ".into()), [("name", Problem::Empty)]);
        assert_eq!(of(|s| s.instructions = "x".repeat(20_001)), [("instructions", Problem::Long(20_000))]);
        assert_eq!(of(|s| s.services = vec![Service::default()]), [("services", Problem::Empty)]);
        assert_eq!(of(|s| s.services = vec![Service::default(); 51]), [("services", Problem::Many(50))]);
        assert_eq!(of(|s| s.never = vec![String::new()]), [("never", Problem::Empty)]);
        assert_eq!(of(|s| s.never = vec!["x".into(); 51]), [("never", Problem::Many(50))]);
        assert_eq!(of(|s| s.batch_seconds = 0), [("batch_seconds", Problem::Outside(1, 300))]);
        assert_eq!(of(|s| s.max_replies = 0), [("max_replies", Problem::Outside(1, 100))]);
        for link in
            ["javascript:alert(1)", "ftp://x.example", "https://a@x.example", "not a host", "localhost", "https://"]
        {
            let settings = Settings { links: vec![link.into()], ..Settings::default() };
            assert_eq!(settings.check(), [("links", Problem::NoAddress)], "{link}");
        }
        let good =
            Settings { links: vec!["shop.example".into(), "https://shop.example/book".into()], ..Settings::default() };
        assert_eq!(good.check(), []);
    }

    #[test]
    fn a_difference_names_each_field_once_and_none_of_the_same() {
        let (old, mut new) = (Settings::default(), Settings::default());
        assert_eq!(new.diff(&old), []);
        new.name = "Sol".into();
        new.never = vec!["Diagnoses".into(), "Refunds".into()];
        new.services = vec![Service { name: "Cleaning".into(), price: "$80".into(), ..Service::default() }];
        new.language = Some(Language::Spanish);
        let fields: Vec<_> =
            new.diff(&old).into_iter().map(|change| (change.field, change.before, change.after)).collect();
        let expected = [
            ("name", "Assistant", "Sol"),
            ("services", "", "Cleaning · $80"),
            ("never", "", "Diagnoses\nRefunds"),
            ("language", "", "es"),
        ];
        let expected = expected.map(|(field, before, after)| (field.to_owned(), before.to_owned(), after.to_owned()));
        assert_eq!(fields, expected);
        assert_eq!(new.shown().len(), serde_json::to_value(&new).expect("JSON").as_object().expect("an object").len());
    }
}
