//! Shows in the browser's tab that a person has unseen notifications: their number before the title, and a dot on the
//! icon. The number comes from the bell of the page (`frame::bell`).

use leptos::web_sys::Document;

/// The icon without and with the dot.
const ICONS: [&str; 2] = ["/favicon.svg", "/favicon-unread.svg"];
/// The attribute of the icon's link that holds the number in the title.
const SHOWN: &str = "data-shown";

/// Shows the number of the page's bell. A page without a bell stays as it is.
pub(crate) fn show_in_tab(page: &Document) {
    let find = |selector: &str| page.query_selector(selector).ok().flatten();
    let unread = find("[data-unread]").and_then(|bell| bell.get_attribute("data-unread"));
    let (Some(unread), Some(icon)) = (unread, find("link[rel=icon]")) else { return };
    let title = titled(&page.title(), &icon.get_attribute(SHOWN).unwrap_or_default(), &unread);
    if page.title() != title {
        page.set_title(&title);
    }
    let address = ICONS[usize::from(!unread.is_empty())];
    if icon.get_attribute("href").as_deref() != Some(address) {
        drop(icon.set_attribute("href", address));
    }
    drop(icon.set_attribute(SHOWN, &unread));
}

/// The title with this number before it, in place of the number that it shows already. Empty is none.
fn titled(title: &str, shown: &str, unread: &str) -> String {
    let before = format!("({shown}) ");
    let plain = title.strip_prefix(&before).filter(|_| !shown.is_empty()).unwrap_or(title);
    if unread.is_empty() { plain.to_owned() } else { format!("({unread}) {plain}") }
}

#[cfg(test)]
mod tests {
    use super::titled;

    #[test]
    fn the_number_stands_once_before_the_title() {
        assert_eq!(titled("Jobs", "", "2"), "(2) Jobs");
        assert_eq!(titled("(2) Jobs", "2", "3"), "(3) Jobs");
        assert_eq!(titled("(2) Jobs", "2", ""), "Jobs");
        assert_eq!(titled("Jobs", "2", "2"), "(2) Jobs", "a fresh page has no number");
        assert_eq!(titled("(2) Fast", "", "1"), "(1) (2) Fast", "a name stays as it is");
    }
}
