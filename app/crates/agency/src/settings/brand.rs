//! How does the agency look to its clients? Logo, accent colour and reply address, with a preview of a page and a mail.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::brand::{Brand, Color, Shade};
use kit::{Button, ButtonStyle, Card, Checkbox, Filled, Form, TextField, UploadField};
use leptos::prelude::*;
use operations::brand::{LogoChange, NewBrand};
use web::brand::{BrandMark, BrandStyle, Scheme};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

/// Changes logo, accent colour and reply address. The picture arrives in base64, as the layer of uploads writes it.
#[server(prefix = "/do", endpoint = "set_brand")]
pub async fn set_brand(
    #[server(default)] accent: String,
    #[server(default)] reply_to: String,
    #[server(default)] logo_file: String,
    #[server(default)] remove_logo: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let new = NewBrand {
        accent: self::accent(&accent)?,
        reply_to: (!reply_to.trim().is_empty()).then(|| normalize::email("reply_to", &reply_to)).transpose()?,
        logo: logo(&logo_file, remove_logo.is_some())?,
    };
    operations::brand::change(&actor, new).await?;
    flash_notice(&context, "set_brand", "Brand saved. Your clients see it from now on.").await
}

/// The colour that was typed; empty for the product's own.
fn accent(typed: &str) -> Result<Option<Color>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Error::field("accent", "Enter a hex color such as #1d4ed8.");
    Color::parse(typed).map(Some).ok_or_else(wrong)
}

/// What becomes of the logo. A new picture counts more than the wish to remove the old one.
fn logo(uploaded: &str, remove: bool) -> Result<LogoChange> {
    match (uploaded.is_empty(), remove) {
        (true, true) => Ok(LogoChange::Remove),
        (true, false) => Ok(LogoChange::Keep),
        (false, _) => {
            let wrong = |_| Error::field("logo_file", "Choose a PNG or JPEG picture.");
            URL_SAFE_NO_PAD.decode(uploaded).map(LogoChange::Replace).map_err(wrong)
        }
    }
}

/// The card "Brand".
#[component]
pub(super) fn BrandCard(agency: String, brand: Brand, filled: Filled) -> impl IntoView {
    let has_logo = brand.choice.logo.is_some();
    let accent = brand.choice.accent.map(|accent| accent.to_string()).unwrap_or_default();
    let reply_to = brand.choice.reply_to.clone().unwrap_or_default();
    view! {
        <Card title="Brand">
            <Form action="/do/set_brand" filled=filled hidden=vec![("agency", agency)] upload=true>
                <UploadField name="logo_file" label="Logo" accept="image/png,image/jpeg"
                    help="PNG or JPEG, up to 1 MB. Shown in emails, on invitations and on your clients' pages."/>
                {has_logo.then(|| view! { <Checkbox name="remove_logo" label="Remove the current logo"/> })}
                <TextField name="accent" label="Accent color" value=accent placeholder="#1d4ed8" maxlength=7_u32
                    help="A hex color. If it would be hard to read, we use the nearest readable shade. Leave empty for Slipway's color."/>
                <TextField name="reply_to" label="Reply-to address" kind="email" value=reply_to maxlength=255_u32
                    help="Where your clients' email replies go."/>
                <div><Button look=ButtonStyle::Primary>"Save brand"</Button></div>
            </Form>
            <div class="mt-5 border-t border-line pt-4"><Preview brand/></div>
        </Card>
    }
}

/// What clients see: the head of a page and of a mail, in both themes.
#[component]
fn Preview(brand: Brand) -> impl IntoView {
    let shades = brand.shades();
    let changed = brand.choice.accent.filter(|chosen| *chosen != shades.light.fill);
    let note = changed.map(|chosen| {
        let used = shades.light.fill;
        view! { <p class="pt-3 text-xs text-fg-3">{format!("{chosen} is too light for text, so light pages and emails use {used}.")}</p> }
    });
    view! {
        <h3 class="pb-3 text-sm font-semibold">"What your clients see"</h3>
        <div class="grid gap-3 sm:grid-cols-2">
            <Sample brand=brand.clone() scheme=Scheme::Light shade=shades.light/>
            <Sample brand=brand scheme=Scheme::Dark shade=shades.dark/>
        </div>
        {note}
    }
}

/// One theme of the preview.
#[component]
fn Sample(brand: Brand, scheme: Scheme, shade: Shade) -> impl IntoView {
    let (class, theme, caption) = match scheme {
        Scheme::Light => ("brand-sample-light", "light", "Light"),
        Scheme::Dark => ("brand-sample-dark", "dark", "Dark"),
    };
    view! {
        <BrandStyle selector=class shade=shade scheme=scheme/>
        <figure class=format!("card flex flex-col gap-3 p-4 {class} bg-surface text-fg") data-theme=theme>
            <BrandMark brand=brand/>
            <span class="btn btn-primary w-fit" aria-hidden="true">"Open HighLevel"</span>
            <figcaption class="text-xs text-fg-3">{caption}</figcaption>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_colour_is_the_products_own_and_a_wrong_one_is_said() {
        assert_eq!(accent(" ").unwrap(), None);
        assert_eq!(accent("#1D4ED8").unwrap().unwrap().to_string(), "#1d4ed8");
        assert!(accent("red; } body { display: none").is_err());
    }

    #[test]
    fn a_new_logo_counts_more_than_removing_the_old_one() {
        assert!(matches!(logo("", false).unwrap(), LogoChange::Keep));
        assert!(matches!(logo("", true).unwrap(), LogoChange::Remove));
        assert!(matches!(logo("iVBO", true).unwrap(), LogoChange::Replace(bytes) if bytes == b"\x89PN"));
        assert!(logo("not base64!", false).is_err());
    }
}
