//! Drafts: what a person typed into the form of a new client and has not sent. What of a form is kept, and when it is
//! worth it, is said here; a draft is its person's own, in one agency.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{DraftId, text};

/// Most drafts of a person in an agency. The oldest ones make room.
pub const MOST: i64 = 5;
/// Most bytes of names and values that are kept. A form is not larger.
const MOST_BYTES: usize = 256 * 1024;
/// Fields of a client that the form fills in by itself, so that they alone are no work of a person.
const GIVEN: [&str; 2] = ["/client/country", "/client/timezone"];

/// A draft as the form offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// The name of the new client, as far as it was typed.
    pub name: String,
    /// When it was last saved.
    pub saved_at: DateTime<Utc>,
}

/// What is kept of a form: the fields of the order and how many rows are shown, without characters that nobody typed.
/// `None` if nobody would miss it.
#[must_use]
pub fn kept(fields: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    let mut room = MOST_BYTES;
    let typed = fields.iter().filter(|(name, value)| {
        let belongs = name.starts_with('/') || name.starts_with("rows_");
        let size = name.len() + value.len();
        let fits = belongs && size <= room;
        if fits {
            room -= size;
        }
        fits
    });
    let kept: BTreeMap<String, String> = typed.map(|(name, value)| (text::line(name), text::lines(value))).collect();
    let is_work = |(name, value): (&String, &String)| {
        let of_order = ["/client/", "/users/", "/custom_values/"].iter().any(|start| name.starts_with(start));
        of_order && !name.ends_with("/role") && !GIVEN.contains(&name.as_str()) && !value.trim().is_empty()
    };
    kept.iter().any(is_work).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_order_is_kept_and_nothing_else() {
        let typed = [
            ("/client/name", "Bay\u{0} Dental\r\nTwo"),
            ("/users/0/role", "user"),
            ("rows_users", "2"),
            ("agency", "a"),
            ("once", "1"),
            ("password", "secret"),
        ];
        let kept = kept(&fields(&typed)).unwrap();
        assert_eq!(
            kept,
            fields(&[("/client/name", "Bay Dental\nTwo"), ("/users/0/role", "user"), ("rows_users", "2")])
        );
    }

    #[test]
    fn a_form_that_nobody_typed_into_is_no_draft() {
        for untouched in [
            vec![],
            vec![("/client/country", "US"), ("/client/timezone", "UTC"), ("/invite_owner", "on"), ("/tags", "")],
            vec![("/users/0/role", "user"), ("/client/name", "  "), ("/snapshot_id", "7")],
        ] {
            assert_eq!(kept(&fields(&untouched)), None, "{untouched:?}");
        }
        assert!(kept(&fields(&[("/custom_values/0/name", "Link")])).is_some());
    }

    #[test]
    fn no_draft_is_larger_than_a_form() {
        let long = "x".repeat(200 * 1024);
        let kept = kept(&fields(&[("/client/city", &long), ("/client/name", &long), ("/tags", "vip")])).unwrap();
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["/client/city", "/tags"]);
    }
}
