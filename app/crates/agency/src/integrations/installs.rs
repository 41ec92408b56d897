//! Installs of the app at HighLevel that nobody claimed here, each with the way to claim it.

use domain::integration::Install;
use kit::{Ago, ButtonLink, ButtonStyle, Card, Confirm, CopyId, Glyph};
use leptos::prelude::*;

/// The installs at HighLevel that no agency claimed.
#[component]
pub(super) fn Unclaimed(
    /// Slug of the agency.
    agency: String,
    /// Where HighLevel is connected; `None` if this installation cannot.
    connect: Option<String>,
    /// The installs.
    installs: Vec<Install>,
) -> impl IntoView {
    let lines = installs
        .into_iter()
        .map(move |install| view! { <UnclaimedInstall agency=agency.clone() connect=connect.clone() install/> });
    view! { <Card title="Installed at HighLevel, not claimed yet" flush=true><ul>{lines.collect_view()}</ul></Card> }
}

/// One unclaimed install. An install that did not begin here says so and takes more than a click to claim, because
/// somebody else may have sent it.
#[component]
fn UnclaimedInstall(agency: String, connect: Option<String>, install: Install) -> impl IntoView {
    let label = install.label().to_owned();
    let what = match &install.location_id {
        Some(_) => format!("Sub-account {label}"),
        None => format!("Company {label}"),
    };
    let id = install.location_id.clone().unwrap_or_else(|| install.company_id.clone());
    let whose = [install.company_email.clone(), install.company_place.clone()];
    let whose = whose.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let by = install.installer.clone().map(|who| format!(" by {who}"));
    let hidden = vec![("agency", agency), ("install", install.id.to_string())];
    let claim = if install.begun_here {
        view! {
            <Confirm action="/do/claim_install" label="Claim" verb="Claim it" hidden=hidden>
                "Claim it only if this HighLevel account belongs to your agency. It's then connected here."
            </Confirm>
        }
        .into_any()
    } else {
        view! {
            <Confirm action="/do/claim_install" label="Claim it anyway" verb="Claim it" hidden=hidden>
                "You didn't start this here. If this isn't your agency's HighLevel account, your clients would be created in a stranger's account."
                <label class="flex flex-col gap-1">{format!("Type the name to claim it: {label}")}<input class="control" name="company" maxlength="255" autocomplete="off" required=true/></label>
            </Confirm>
        }
        .into_any()
    };
    let warning = (!install.begun_here).then(|| view! {
        <p class="py-1 text-sm text-warn">"You didn't start this here. It came from HighLevel's marketplace, maybe through someone else's link. To connect your own agency, use the button. Unclaimed installs are deleted within an hour."</p>
        {connect.map(|href| view! { <ButtonLink href=href look=ButtonStyle::Primary icon=Glyph::Plug>"Connect from here"</ButtonLink> })}
    });
    view! {
        <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 first:border-0">
            <div class="min-w-0 grow basis-72">
                <p class="font-medium">{what}</p>
                {(!whose.is_empty()).then(|| view! { <p class="text-sm text-fg-2">{whose}</p> })}
                <p class="text-sm text-fg-3"><CopyId id=id/></p>
                {install.installed_at.map(|at| view! { <p class="text-sm text-fg-2">"Installed " <Ago at=at/> {by}</p> })}
                {warning}
            </div>
            {claim}
        </li>
    }
}
