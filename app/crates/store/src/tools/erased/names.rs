//! Does what a program sent name a contact? What identifies a person is found wherever it stands. A name is found where it is one,
//! and not where a word of everyday happens to read like it.
//!
//! - Ids of the contact, of its conversations and of platforms, e-mail addresses and phone numbers are found in every value, text
//!   and key, as a whole: never as a part of a longer one. Phone numbers are also found without their country and with blanks,
//!   points, dashes and brackets.
//! - A name of several words is found in every text and value, in whatever case, with its surname first, too, and in an object that
//!   has its words in several fields of names. A key that has blanks is read as a text; every other key is a word of the tool.
//! - A name of one word is found as the whole value of a field that holds a name, and from eight letters on in a text that writes
//!   it with a capital.
//! - A name whose words are all of everyday is found only as the whole value of such a field: nobody is known by it.
//! - A user name is found like a name of one word, behind an `@` and in the address of a profile; one that has a digit, a point or
//!   another sign is found like an id.
//! - A name in a script that writes no blanks is found in every text from three characters on.

use std::collections::BTreeSet;

use domain::language::capitalised;
use serde_json::{Map, Value};

use super::texts::{self, SEPARATORS, Word, ends_whole, has_email, has_whole, is_unspaced, runs, words};
use crate::messaging::erasing::Named;

/// A name of one word with fewer letters stands in too many texts that are about somebody else.
const LONG: usize = 8;
/// An id or a user name with fewer characters is found only as a whole value.
const SHORTEST: usize = 5;
/// The digits of a phone number without its country.
const NATIONAL: usize = 8;
/// The fewest characters of a name in a script without blanks.
const UNSPACED: usize = 3;
/// The most characters between two words of a name, or two groups of digits.
const GAP: usize = 3;

/// The last words of fields that hold a name.
const FIELDS: &[&str] =
    &["name", "contact", "customer", "client", "person", "patient", "recipient", "handle", "nombre", "cliente"];
/// Fields that hold whom something is for or about.
const WHOLE_FIELDS: &[&str] = &["to", "q", "query", "search", "attendee", "guest", "apellido", "paciente"];
/// What the address of a profile has before a user name.
const PROFILES: &[&str] = &["@", "instagram.com/", "facebook.com/", "m.me/", "ig.me/m/"];

/// By what a contact is found.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In small letters.
    ids: Vec<String>,
    /// In small letters.
    emails: Vec<String>,
    /// Digits, without zeros before them.
    phones: Vec<String>,
    /// Names of several words, in small letters.
    full: Vec<Vec<String>>,
    /// Names of one word or of common ones, in small letters.
    single: Vec<Vec<String>>,
    /// User names that are words, in small letters.
    handles: Vec<String>,
    /// Names in scripts without blanks.
    unspaced: Vec<String>,
}

impl Names {
    /// Sorts what names a contact by how it is found.
    pub fn of(named: &Named) -> Self {
        let mut names = Self::default();
        names.ids.extend(named.ids.iter().map(|id| id.trim().to_lowercase()).filter(|id| !id.is_empty()));
        names.phones.extend(named.ids.iter().chain(&named.phones).filter_map(|one| texts::phone(one)));
        names.emails.extend(named.emails.iter().map(|email| email.trim().to_lowercase()).filter(|one| !one.is_empty()));
        named.names.iter().for_each(|name| names.name(name));
        named.usernames.iter().for_each(|name| names.username(name));
        names
    }

    fn name(&mut self, name: &str) {
        let name = name.trim();
        if name.contains('@') && !name.contains(char::is_whitespace) {
            self.emails.push(name.trim_matches('@').to_lowercase());
            return;
        }
        if let Some(number) = texts::phone(name) {
            self.phones.push(number);
            return;
        }
        let words: Vec<String> = words(name).iter().map(|word| word.text.to_lowercase()).collect();
        let runs = name.split(|one: char| !is_unspaced(one)).filter(|run| run.chars().count() >= UNSPACED);
        self.unspaced.extend(runs.map(str::to_owned));
        let letters = words.iter().filter(|word| word.contains(char::is_alphabetic));
        let is_telling = letters.clone().any(|word| !texts::is_common(word));
        match letters.count() {
            _ if words.is_empty() => {}
            0 | 1 => self.single.push(words),
            _ if is_telling => self.full.push(words),
            _ => self.single.push(words),
        }
    }

    fn username(&mut self, name: &str) {
        let name = name.trim().trim_start_matches('@').to_lowercase();
        if name.contains(char::is_whitespace) {
            self.name(&name);
            return;
        }
        let words: Vec<String> = words(&name).iter().map(|word| word.text.to_owned()).collect();
        if name.chars().count() >= SHORTEST && name.contains(|one: char| !one.is_alphabetic()) {
            self.ids.push(name);
        } else if !words.is_empty() {
            self.single.push(words);
            self.handles.push(name);
        }
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        let Self { ids, emails, phones, full, single, handles: _, unspaced } = self;
        ids.is_empty()
            && emails.is_empty()
            && phones.is_empty()
            && full.is_empty()
            && single.is_empty()
            && unspaced.is_empty()
    }

    /// Patterns one of which every text that names the contact has. They find more than that. Words are spelled as people write
    /// them, because some databases know no other capitals than the Latin ones.
    pub fn patterns(&self) -> Vec<String> {
        let longest = |words: &Vec<String>| words.iter().max_by_key(|word| word.chars().count()).cloned();
        let whole = self
            .ids
            .iter()
            .chain(&self.emails)
            .chain(&self.handles)
            .chain(&self.unspaced)
            .map(|one| texts::verbatim(one));
        let named = self.full.iter().chain(&self.single).filter_map(longest);
        let spelled = whole
            .chain(named)
            .flat_map(|one| [one.to_lowercase(), one.to_uppercase(), capitalised(&one), one])
            .map(|one| texts::like(&one));
        let last = |number: &String| number.get(number.len().saturating_sub(NATIONAL)..).map(texts::scattered);
        spelled.chain(self.phones.iter().filter_map(last)).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether arguments, or a text beside them, name the contact.
    pub fn said(&self, arguments: &Value, text: &str) -> bool {
        self.in_value(arguments, "") || self.in_text(text)
    }

    fn in_value(&self, value: &Value, key: &str) -> bool {
        match value {
            Value::String(text) => self.in_text(text) || self.is_whole(text, key),
            Value::Number(number) => self.has_number(&number.to_string()),
            Value::Array(values) => values.iter().any(|one| self.in_value(one, key)),
            Value::Object(fields) => {
                fields.iter().any(|(key, value)| self.in_key(key) || self.in_value(value, key)) || self.is_split(fields)
            }
            Value::Null | Value::Bool(_) => false,
        }
    }

    fn in_key(&self, key: &str) -> bool {
        self.has_number(key) || key.contains(char::is_whitespace) && self.has_full(key)
    }

    /// Whether a text names the contact.
    fn in_text(&self, text: &str) -> bool {
        let small = text.to_lowercase();
        let has_handle = |name: &String| {
            let mut written = PROFILES.iter().map(|before| format!("{before}{name}"));
            written.any(|sought| ends_whole(&small, &sought))
        };
        self.has_number(text)
            || self.has_full(text)
            || self.has_long(text)
            || self.unspaced.iter().any(|name| text.contains(name.as_str()))
            || self.handles.iter().any(has_handle)
    }

    /// Whether an id, an address or a phone number stands in a text.
    fn has_number(&self, text: &str) -> bool {
        let small = text.to_lowercase();
        let has_id = |id: &String| small == *id || id.chars().count() >= SHORTEST && has_whole(&small, id);
        self.ids.iter().any(has_id) || self.emails.iter().any(|email| has_email(&small, email)) || self.has_phone(text)
    }

    fn has_phone(&self, text: &str) -> bool {
        let is_ours = |digits: &str| {
            let bare = digits.trim_start_matches('0');
            self.phones.iter().any(|own| bare == own || bare.len() >= NATIONAL && own.ends_with(bare))
        };
        let groups = runs(text, |one| one.is_ascii_digit());
        (0..groups.len()).any(|from| {
            let (mut digits, mut end) = (String::new(), None);
            for group in groups.iter().skip(from) {
                let between = end.map_or(Some(""), |end| text.get(end..group.begin));
                let joins = |gap: &str| gap.chars().count() <= GAP && gap.chars().all(|one| SEPARATORS.contains(one));
                if digits.len() > 20 || !between.is_some_and(joins) {
                    return false;
                }
                digits.push_str(group.text);
                end = Some(group.end);
                if is_ours(&digits) {
                    return true;
                }
            }
            false
        })
    }

    /// Whether the words of a name follow each other in a text, also with the last one first.
    fn has_full(&self, text: &str) -> bool {
        let found = words(text);
        let small: Vec<String> = found.iter().map(|word| word.text.to_lowercase()).collect();
        let follows = |at: usize, count: usize| {
            let mut pairs = found.get(at..at + count).unwrap_or_default().windows(2);
            pairs.all(|pair| match pair {
                [one, next] => text.get(one.end..next.begin).is_some_and(|gap| gap.chars().count() <= GAP),
                _ => true,
            })
        };
        self.full.iter().any(|name| {
            let mut turned = name.clone();
            turned.rotate_right(1);
            let mut starts = small.windows(name.len()).enumerate();
            starts.any(|(at, some)| (some == name.as_slice() || some == turned.as_slice()) && follows(at, name.len()))
        })
    }

    /// Whether a long name of one word stands in a text of several, as a name and not as a word of everyday.
    fn has_long(&self, text: &str) -> bool {
        let mut long = self.single.iter().filter_map(|name| match name.as_slice() {
            [word] if word.chars().count() >= LONG && !texts::is_common(word) => Some(word),
            _ => None,
        });
        let found = words(text);
        let is_it = |word: &Word<'_>, name: &String| {
            !word.text.starts_with(char::is_lowercase) && word.text.to_lowercase() == *name
        };
        found.len() > 1 && long.any(|name| found.iter().any(|word| is_it(word, name)))
    }

    /// Whether a value is nothing but the name, in a field that holds names.
    fn is_whole(&self, text: &str, key: &str) -> bool {
        let said: Vec<String> = words(text).iter().map(|word| word.text.to_lowercase()).collect();
        holds_name(key) && self.single.contains(&said)
    }

    /// Whether the words of a name are spread over several fields that hold names.
    fn is_split(&self, fields: &Map<String, Value>) -> bool {
        let held = fields.iter().filter(|(key, _)| holds_name(key)).filter_map(|(_, value)| value.as_str());
        let said: Vec<String> = held.flat_map(words).map(|word| word.text.to_lowercase()).collect();
        self.full.iter().any(|name| name.iter().all(|word| said.contains(word)))
    }
}

/// Whether a field holds names, by the last word of its key.
fn holds_name(key: &str) -> bool {
    let bare: String = key.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    WHOLE_FIELDS.contains(&bare.as_str()) || FIELDS.iter().any(|field| bare.ends_with(*field))
}
