//! How pages show an agency's brand: its logo or name, and its accent as variables of the style sheet. The variables
//! are written from parsed colours alone, so nothing that somebody typed reaches the style sheet.

use domain::brand::{Brand, Shade, Shades};
use kit::region::AskedRegions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// The theme that a sample shows, whatever the reader's own is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The light theme.
    Light,
    /// The dark theme.
    Dark,
}

/// The agency's logo, or its name where it has none.
#[component]
pub fn BrandMark(
    /// The brand.
    brand: Brand,
) -> impl IntoView {
    let name = brand.name.clone();
    match brand.logo_path() {
        Some(src) => {
            view! { <img class="h-10 w-auto max-w-60 object-contain object-left" src=src alt=name height="40"/> }
                .into_any()
        }
        None => view! { <span class="text-md font-semibold">{name}</span> }.into_any(),
    }
}

/// Sets the accent of the whole page to that of a brand, in the reader's theme.
#[component]
pub fn BrandAccent(
    /// The brand. One without a colour of its own leaves the page as it is.
    brand: Brand,
) -> impl IntoView {
    brand.choice.accent.map(|accent| style(page_rules(accent.shades())))
}

/// Sets the accent of the elements of one class, as one theme shows it.
#[component]
pub fn BrandStyle(
    /// The class.
    selector: &'static str,
    /// The accent in this theme.
    shade: Shade,
    /// The theme.
    scheme: Scheme,
) -> impl IntoView {
    let scheme = match scheme {
        Scheme::Light => "light",
        Scheme::Dark => "dark",
    };
    let Shade { fill, text } = shade;
    style(format!(".{selector}{{color-scheme:{scheme};--accent:{fill};--on-accent:{text}}}"))
}

fn page_rules(Shades { light, dark }: Shades) -> String {
    format!(
        ":root{{--accent:light-dark({},{});--on-accent:light-dark({},{});--edge-business:var(--accent)}}",
        light.fill, dark.fill, light.text, dark.text
    )
}

/// A style sheet that the page's content security policy admits. A refresh has another nonce, and the page has its styles
/// already.
fn style(rules: String) -> impl IntoView {
    use_context::<AskedRegions>().is_none().then(|| {
        let nonce = use_nonce().map(|nonce| nonce.to_string());
        view! { <style nonce=nonce>{rules}</style> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::brand::Color;

    #[test]
    fn the_rules_name_both_themes_and_nothing_but_colours() {
        let rules = page_rules(Color::parse("#fff3a0").unwrap().shades());
        assert!(rules.starts_with(":root{--accent:light-dark(#") && rules.ends_with("--edge-business:var(--accent)}"));
        assert!(rules.chars().all(|letter| letter.is_ascii_alphanumeric() || ":{}()-,;#".contains(letter)), "{rules}");
    }
}
