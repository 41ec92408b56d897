//! How is a list of the Graph read page by page? Only the cursor is used: the address of the next page comes from outside
//! and carries a token.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::tolerant::{list, object, text};

/// The most pages that are read of one list, so that an answer which always names a next page ends as well.
pub(crate) const MOST_PAGES: usize = 50;
/// Entries for each page.
pub(crate) const LIMIT: (&str, &str) = ("limit", "100");

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOf<T> {
    /// Its entries; those that cannot be read are left out.
    pub items: Vec<T>,
    /// The cursor with which the next page is asked for; `None` on the last one.
    pub next: Option<String>,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(crate) struct Answer<T> {
    #[serde(default, deserialize_with = "list")]
    data: Vec<T>,
    #[serde(default, deserialize_with = "object")]
    paging: Option<Paging>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Paging {
    #[serde(deserialize_with = "object")]
    cursors: Option<Cursors>,
    #[serde(deserialize_with = "text")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    #[serde(default, deserialize_with = "text")]
    after: Option<String>,
}

impl<T> From<Answer<T>> for PageOf<T> {
    fn from(answer: Answer<T>) -> Self {
        Self { items: answer.data, next: answer.paging.and_then(Paging::cursor) }
    }
}

impl Paging {
    /// Cursors come on the last page, too; only there `next` is missing.
    fn cursor(self) -> Option<String> {
        let next = self.next?;
        let in_address = || {
            let next = Url::parse(&next).ok()?;
            next.query_pairs().find(|(name, _)| name == "after").map(|(_, cursor)| cursor.into_owned())
        };
        self.cursors.and_then(|cursors| cursors.after).or_else(in_address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> PageOf<u32> {
        serde_json::from_str::<Answer<u32>>(json).unwrap().into()
    }

    #[test]
    fn only_a_page_with_a_next_one_has_a_cursor() {
        let cases = [
            (
                r#"{"data":[1,"x",2],"paging":{"cursors":{"before":"b","after":"a"},"next":"https://g/x?after=z"}}"#,
                Some("a"),
            ),
            (r#"{"data":[1,2],"paging":{"next":"https://g/x?limit=1&after=z%3D&access_token=t"}}"#, Some("z=")),
            (r#"{"data":[1,2],"paging":{"cursors":{"after":"a"}}}"#, None),
            (r#"{"data":[1,2],"paging":[]}"#, None),
            (r#"{"data":[1,2],"paging":{"next":"nowhere"}}"#, None),
            (r#"{"data":[1,2]}"#, None),
        ];
        for (json, next) in cases {
            assert_eq!(read(json), PageOf { items: vec![1, 2], next: next.map(str::to_owned) }, "{json}");
        }
        assert_eq!(read("{}"), PageOf { items: vec![], next: None });
    }
}
