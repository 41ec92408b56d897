//! Decides whether an address is a safe target of a redirect.

/// True if an address is one of our own pages, so that a redirect to it is safe.
///
/// It is ASCII of at most 512 bytes, starts with a single slash, and holds no control character, backslash or
/// second slash that a browser could take for another host.
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 512
        && !path.chars().any(|letter| letter.is_control() || letter == '\\' || !letter.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_our_own_pages_are_redirect_targets() {
        for good in ["/", "/a/harbor", "/a/harbor/provisioning?view=failed"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/\t/evil",
            "javascript:alert(1)",
            "/é",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
        assert!(!is_local(&format!("/{}", "a".repeat(600))));
    }
}
