//! Parses a document as a browser does and checks that no planted text, which tries to break out of titles, text
//! areas and attributes, has become markup.

use scraper::{Html, Node};

/// The planted text, and shorter ones for places where it does not fit. It has no space and one `@`, so that it
/// may be an address.
pub const TEXTS: [&str; 3] = [
    "</title></textarea></option><b/data-x=\"1\">\"data-x=\"2\"'data-x='3'<b/data-x>@x.test",
    "</title><b/data-x>@x.test",
    "<b/data-x>",
];

/// The parts of the planted text that have become markup in a document.
pub fn markup(html: &str) -> Vec<String> {
    markup_in(&Html::parse_document(html))
}

/// Returns true if the planted text is readable in a document, where it belongs.
pub fn shows(html: &str) -> bool {
    shows_in(&Html::parse_document(html))
}

/// Both at once. Parsing takes most of the time of either.
pub fn markup_and_text(html: &str) -> (Vec<String>, bool) {
    let page = Html::parse_document(html);
    (markup_in(&page), shows_in(&page))
}

fn markup_in(page: &Html) -> Vec<String> {
    let elements = page.tree.values().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        _ => None,
    });
    let planted = |name: &str| name.contains("data-x") || name.contains('\'') || name.contains('"');
    elements
        .filter(|element| element.name() == "b" || element.attrs().any(|(name, _)| planted(name)))
        .map(|element| format!("{element:?}"))
        .collect()
}

fn shows_in(page: &Html) -> bool {
    page.tree.values().any(|node| match node {
        Node::Text(text) => text.contains("<b/data-x"),
        Node::Element(element) => element.attrs().any(|(_, value)| value.contains("<b/data-x")),
        _ => false,
    })
}

#[test]
fn the_judge_finds_markup_wherever_it_breaks_out() {
    for text in TEXTS {
        assert!(!markup(&format!("<title>{text}</title>")).is_empty() || text == TEXTS[2], "{text}");
        assert!(!markup(&format!("<p>{text}</p>")).is_empty(), "{text}");
        let escaped = kit::escaped(text);
        let safe = format!("<title>{escaped}</title><textarea>{escaped}</textarea><p>{escaped}</p>");
        assert!(markup(&safe).is_empty() && shows(&safe), "{text}");
    }
    assert!(!markup(&format!("<textarea>{}</textarea>", TEXTS[0])).is_empty());
    assert!(!markup(&format!("<input value=\"{}\">", TEXTS[0])).is_empty());
    assert!(!markup(&format!("<input value='{}'>", TEXTS[0])).is_empty());
}
