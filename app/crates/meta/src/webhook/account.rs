//! Which account is a body about? Found without reading what the body says, so that bodies of different accounts can take
//! turns before anybody reads them.

use serde::Deserialize;

use crate::tolerant::text;

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, deserialize_with = "text")]
    id: Option<String>,
}

/// The platform's id of the first account that a body names: a WhatsApp Business account, a page or an Instagram account.
/// `None` if it names none, or is of another form.
#[must_use]
pub fn account(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Body>(body).ok()?.entry.into_iter().find_map(|entry| entry.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_account_is_named_in_whatever_form_it_comes() {
        for (body, expected) in [
            (
                r#"{"object":"page","entry":[{"id":"201","messaging":[{"sender":{"id":"1"}}]},{"id":"202"}]}"#,
                Some("201"),
            ),
            (r#"{"entry":[{"time":1,"id":17841400000000001}],"object":"instagram"}"#, Some("17841400000000001")),
            (r#"{"entry":[{"changes":[]},{"id":"w"}]}"#, Some("w")),
            (r#"{"entry":[{"id":null},{"id":""},{"id":{}}]}"#, None),
            (r#"{"entry":{"id":"1"}}"#, None),
            (r#"{"entry":[3]}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(account(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(account(b"\xff\xfe"), None);
    }
}
