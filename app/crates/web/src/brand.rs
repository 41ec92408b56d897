//! How pages show an agency's brand: its logo or name, and its accent as variables of the style sheet. The variables
//! are written from parsed colours alone, so nothing that somebody typed reaches the style sheet.

use domain::access::BusinessAccess;
use domain::brand::{Brand, Shade, Shades};
use kit::region::AskedRegions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use store::tenant::TenantTx;

use crate::guard::{ServerContext, business_scope};
use crate::request_context::CurrentTenant;

/// The brand of a page that is shown in place of one of a business. `None` outside of businesses, and if the database does
/// not answer: the page says all the same why it is shown.
pub(crate) async fn of_business(context: &ServerContext) -> Option<Brand> {
    let CurrentTenant::Business(place) = context.request.frame_tenant() else { return None };
    match read(context, place).await {
        Ok(brand) => Some(brand),
        Err(error) => {
            tracing::warn!(event = "brand.unknown", business = %place.id, %error, "a page is shown without its brand");
            None
        }
    }
}

async fn read(context: &ServerContext, place: &BusinessAccess) -> store::Result<Brand> {
    let user = context.request.caller.as_ref().map(|caller| caller.user);
    let mut tx = TenantTx::begin(&context.state.db, business_scope(user, place)).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    tx.commit().await?;
    Ok(brand)
}

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

/// The accent of the whole page, and the agency's logo or name above what it shows.
#[component]
pub fn BrandTop(
    /// The brand; `None` shows nothing.
    brand: Option<Brand>,
) -> impl IntoView {
    brand.map(|brand| view! { <BrandAccent brand=brand.clone()/><div class="pb-4"><BrandMark brand/></div> })
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
