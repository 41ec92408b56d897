//! Checks that every text on a page goes through the renderer's escaping. The few ways around it are listed here
//! by name.

use super::{Findings, rust_files};

/// What writes text unescaped, the files that may use it, and what to use instead.
const RAW: &[(&str, &[&str], &str)] = &[
    ("leptos_meta", &["app/crates/kit/src/title.rs"], "use `PageTitle` of the kit, which escapes it"),
    ("<textarea", &["app/crates/kit/src/field.rs"], "use `TextArea` of the kit, which escapes it"),
    ("<noscript", &[], "give the element the class `unscripted`"),
    ("<style", &["app/crates/web/src/brand.rs"], "move it to style/main.css"),
    ("<script", &["app/src/root.rs", "app/crates/business/src/connections/signup.rs"], "make it an island"),
    ("inner_html", &[], "build it with `view!`"),
    ("outer_html", &[], "build it with `view!`"),
    ("insert_adjacent_html", &[], "build it with `view!`"),
];

/// Where everything that a browser is sent is written.
const PAGES: &[&str] = &[
    "app/src/",
    "app/crates/account/src/",
    "app/crates/admin/src/",
    "app/crates/agency/src/",
    "app/crates/business/src/",
    "app/crates/islands/src/",
    "app/crates/kit/src/",
    "app/crates/web/src/",
    "frontend/",
];

/// Checks that no page writes text past the renderer's escaping, except in the two files that escape it
/// themselves.
pub fn all() -> Findings {
    rust_files().iter().filter(|(name, _)| is_page(name)).flat_map(|(name, text)| raw(name, text)).collect()
}

/// True if what this file writes reaches a browser. What tests write does not.
fn is_page(name: &str) -> bool {
    PAGES.iter().any(|folder| name.starts_with(folder)) && !name.ends_with("tests.rs")
}

fn raw(name: &str, text: &str) -> Findings {
    let code = || text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let closed = RAW.iter().filter(|(_, allowed, _)| !allowed.contains(&name));
    closed
        .flat_map(|(what, _, instead)| {
            let found = code().filter(move |(_, line)| line.contains(what));
            found.map(move |(n, _)| format!("{name}:{} uses {what}, which writes text unescaped: {instead}.", n + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_title_is_found_wherever_it_stands() {
        let bare = "use leptos_meta::Title;\nview! { <Title text=name/> }";
        assert_eq!(raw("app/crates/agency/src/home/page.rs", bare).len(), 1);
        assert_eq!(raw("app/crates/kit/src/title.rs", bare), Findings::new());
        assert_eq!(
            raw("app/crates/agency/src/home/page.rs", "// as leptos_meta does\n<PageTitle text=name/>"),
            Findings::new()
        );
        assert_eq!(raw("app/crates/kit/src/log_view.rs", "<div inner_html=text/>").len(), 1);
        assert!(
            is_page("app/crates/agency/src/home/page.rs")
                && !is_page("server/src/database_unavailable.rs")
                && !is_page("app/crates/kit/src/frame/tests.rs")
        );
    }
}
