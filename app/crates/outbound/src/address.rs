//! Builds a URL from a template and ids that came from outside. It rejects an id that contains anything except letters,
//! digits, `_` and `-`; such an id is never encoded.

use url::Url;

/// An id from outside contains characters that are not allowed in a path, or the number of ids does not fit the
/// template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id in this address has characters no id has")]
pub struct BadId;

/// Returns the id if it may appear in a path: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
pub fn check_id(id: &str) -> Result<&str, BadId> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=64).contains(&id.len()) && id.bytes().all(plain) { Ok(id) } else { Err(BadId) }
}

/// Fills the `{…}` segments of `template` with `ids`, in order, and appends the result to `base`. A trailing slash
/// is kept, because providers distinguish `/x/` from `/x`.
pub fn address(base: &Url, template: &str, ids: &[&str], query: &[(&str, &str)]) -> Result<Url, BadId> {
    let mut url = base.clone();
    let mut ids = ids.iter();
    {
        let mut segments = url.path_segments_mut().map_err(|()| BadId)?;
        segments.pop_if_empty();
        for part in template.trim_start_matches('/').split('/') {
            if part.starts_with('{') {
                segments.push(check_id(ids.next().ok_or(BadId)?)?);
            } else {
                segments.push(part);
            }
        }
    }
    if ids.next().is_some() {
        return Err(BadId);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
        // The builder writes a space as `+`, which not every reader decodes as a space. A `+` in a value is
        // already `%2B` here.
        let spaced = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(spaced.as_deref());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://api.example.com").unwrap()
    }

    #[test]
    fn ids_and_query_are_filled_in() {
        let url = address(
            &base(),
            "/locations/{locationId}/tags/{tagId}",
            &["ve9EPM428h8vShlRW1KT", "a_b-C"],
            &[("email", "a+b@c.example"), ("query", "a b")],
        )
        .unwrap();
        assert_eq!(
            url.as_str(),
            "https://api.example.com/locations/ve9EPM428h8vShlRW1KT/tags/a_b-C?email=a%2Bb%40c.example&query=a%20b"
        );
    }

    #[test]
    fn the_trailing_slash_and_a_base_path_stay() {
        let url = address(&base(), "/locations/", &[], &[]).unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/locations/");
        let deep = Url::parse("http://127.0.0.1:4700/meta/").unwrap();
        let url = address(&deep, "/x/{id}", &["1"], &[]).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:4700/meta/x/1");
    }

    #[test]
    fn no_id_walks_out_of_its_segment() {
        let long = "a".repeat(65);
        for id in
            ["", ".", "..", "../x", "a/b", "a%2Fb", "a?b", "a#b", "a b", "a\r\nb", "a\0", "ä", "a;b", "a\\b", &long]
        {
            assert_eq!(address(&base(), "/x/{id}", &[id], &[]), Err(BadId), "{id:?}");
        }
        assert_eq!(address(&base(), "/x/{id}", &[], &[]), Err(BadId));
        assert_eq!(address(&base(), "/x", &["a"], &[]), Err(BadId));
    }
}
