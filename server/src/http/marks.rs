//! Which marks of the renderer leave with a page? It puts one behind each text and each part that may be absent, to find them
//! again in the browser. It does so inside islands alone, and elsewhere a page is shorter without them.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use super::problem;

const MARK: &str = "<!>";
/// The elements whose content is no markup, by the beginning of their first tag and by their last one.
const RAW: [(&str, &str); 3] = [("<script", "</script>"), ("<style", "</style>"), ("<textarea", "</textarea>")];

/// Removes the marks of a page. It is complete when it comes here, because pages leave the server complete.
pub async fn layer(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(page) => {
            let shorter = std::str::from_utf8(&page).map(without_marks);
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, shorter.map_or_else(|_| Body::from(page.clone()), Body::from))
        }
        Err(error) => problem::of(web::internal_error(error)),
    }
}

/// A page without the marks outside of its islands. Between two texts one mark stays, so that they are two for the browser as
/// they are where it renders them itself.
fn without_marks(page: &str) -> String {
    let mut kept = String::with_capacity(page.len());
    let (mut rest, mut islands) = (page, 0_usize);
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        if islands == 0 && rest.starts_with(MARK) {
            rest = rest.trim_start_matches(MARK);
            let is_before = kept.bytes().last().is_some_and(|byte| byte != b'>');
            if is_before && !rest.is_empty() && !rest.starts_with('<') {
                kept.push_str(MARK);
            }
            continue;
        }
        if rest.starts_with("<leptos-island") {
            islands += 1;
        } else if rest.starts_with("</leptos-island") {
            islands = islands.saturating_sub(1);
        }
        let (piece, others) = rest.split_at(length(rest));
        kept.push_str(piece);
        rest = others;
    }
    kept.push_str(rest);
    kept
}

/// The length of what a `<` begins: a tag, a comment, or an element whose content is no markup. What does not end is all that is
/// left.
fn length(rest: &str) -> usize {
    let up_to = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("<!--") {
        return up_to("-->");
    }
    let is_raw = |tag: &&(&str, &str)| rest.strip_prefix(tag.0).is_some_and(|more| more.starts_with([' ', '>']));
    if let Some((_, end)) = RAW.iter().find(is_raw) {
        return up_to(end);
    }
    let mut is_quoted = false;
    let ends = |byte: u8| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    };
    rest.bytes().position(ends).map_or(rest.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_everything_else_stays() {
        for (page, shorter) in [
            ("", ""),
            ("<!DOCTYPE html><p>a<!></p><!><!>", "<!DOCTYPE html><p>a</p>"),
            ("<ul><!><li>a<!></li><!><li>b<!></li><!></ul>", "<ul><li>a</li><li>b</li></ul>"),
            // Two texts stay two.
            ("<p>Us: <!>Hello<!></p>", "<p>Us: <!>Hello</p>"),
            ("<p>1<!><!><!> of <!>2</p>", "<p>1<!> of <!>2</p>"),
            ("<p><b>1</b><!> of <!></p>", "<p><b>1</b> of </p>"),
            // What somebody typed is no mark.
            ("<p title=\"<!>\" class=\"a\">&lt;!><!></p>", "<p title=\"<!>\" class=\"a\">&lt;!></p>"),
            ("<input value=\"a> <!>\"><!>", "<input value=\"a> <!>\">"),
            ("<textarea name=\"x\"><!>\n</textarea><!>", "<textarea name=\"x\"><!>\n</textarea>"),
            ("<script nonce=\"x\">'<!>'</script><!>", "<script nonce=\"x\">'<!>'</script>"),
            ("<style>a{}</style><!><styled><!></styled>", "<style>a{}</style><styled></styled>"),
            ("<!-- <!> --><!>", "<!-- <!> -->"),
            // An island finds its parts by them, and so do the islands in it.
            (
                "<i><!></i><leptos-island data-x=\"1\"><b>a<!></b><leptos-island><!></leptos-island><!></leptos-island><!>",
                "<i></i><leptos-island data-x=\"1\"><b>a<!></b><leptos-island><!></leptos-island><!></leptos-island>",
            ),
            // What does not end stays as it is.
            ("<p title=\"a<!></p>", "<p title=\"a<!></p>"),
            ("<!-- <!>", "<!-- <!>"),
            ("a<!>", "a"),
        ] {
            assert_eq!(without_marks(page), shorter, "{page}");
        }
    }
}
