//! A snapshot as a card: what it is for, how clients fared with it, its id, and what can be done with it.

use domain::snapshot::{Snapshot, SnapshotUse};
use kit::time::span;
use kit::{
    Ago, ButtonLink, ButtonStyle, Card, Chip, Confirm, CopyId, Glyph, KeyValue, KeyValues, PostButton, StatusPill,
    Tone, counted, grouped,
};
use leptos::prelude::*;

/// A snapshot.
#[component]
pub fn SnapshotCard(
    /// Short name of the agency.
    agency: String,
    /// The snapshot.
    snapshot: Snapshot,
    /// What became of the jobs that used it.
    used: SnapshotUse,
    /// Whether the person may change it.
    may_change: bool,
    /// Whether the person may create clients.
    may_create: bool,
) -> impl IntoView {
    let (tone, word) = if snapshot.is_active { (Tone::Ok, "Available") } else { (Tone::Cancelled, "Hidden") };
    let state = view! { <StatusPill tone=tone plain=true>{word}</StatusPill> };
    let (id, row) = (snapshot.id.to_string(), snapshot.id.to_string());
    let new = format!("/a/{agency}/provisioning/new?snapshot={id}");
    let create = (may_create && snapshot.is_active)
        .then(|| view! { <ButtonLink href=new icon=Glyph::Plus>"Create client"</ButtonLink> });
    let industry = snapshot.niche.clone().map(|niche| view! { <div><Chip>{niche}</Chip></div> });
    let text = snapshot.description.clone().map(|text| view! { <p class="text-sm text-fg-2">{text}</p> });
    view! {
        <li class="flex min-w-0 *:min-w-0 *:grow" data-row=row>
            <Card title=snapshot.name.clone() aside=state.into_any()>
                <div class="flex h-full flex-col gap-3">
                    {industry}
                    {text}
                    <Facts id used/>
                    <div class="mt-auto flex flex-wrap items-center gap-1">
                        {create}
                        {may_change.then(|| view! { <Change agency snapshot/> })}
                    </div>
                </div>
            </Card>
        </li>
    }
}

/// How clients fared with a snapshot. What too few jobs say nothing about is left out.
#[component]
fn Facts(id: String, used: SnapshotUse) -> impl IntoView {
    let success = used.success_percent().map(|percent| {
        view! { <KeyValue name="Success">{format!("{percent}% of {} jobs", grouped(used.ended))}</KeyValue> }
    });
    let usual = used.usual_seconds().map(|seconds| {
        view! { <KeyValue name="Usually takes">{about(seconds)}</KeyValue> }
    });
    let last = used.last_used_at.map(|at| view! { <KeyValue name="Last used"><Ago at=at/></KeyValue> });
    view! {
        <KeyValues>
            <KeyValue name="Used by">{counted(used.succeeded, "client", "clients")}</KeyValue>
            {success}
            {usual}
            {last}
            <KeyValue name="ID"><CopyId id=id label="Copy snapshot ID"/></KeyValue>
        </KeyValues>
    }
}

/// A duration as people say it: minutes from two on, seconds below.
fn about(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "no job takes longer than an i64 holds")]
    let whole = seconds.round() as i64;
    if whole < 120 { span(whole * 1000) } else { format!("about {} min", (whole + 30) / 60) }
}

/// What can be changed about a snapshot.
#[component]
fn Change(agency: String, snapshot: Snapshot) -> impl IntoView {
    let hidden = vec![("agency", agency), ("snapshot", snapshot.id.to_string())];
    let active = hidden.iter().cloned().chain([("active", (!snapshot.is_active).to_string())]).collect::<Vec<_>>();
    let change = if snapshot.is_active { "Hide" } else { "Make available" };
    view! {
        <Confirm action="/do/describe_snapshot" label="Edit" verb="Save" look=ButtonStyle::Quiet operation=ButtonStyle::Primary hidden=hidden start=true>
            <label class="flex flex-col gap-1">"Industry"<input class="control" name="niche" value=snapshot.niche.unwrap_or_default() maxlength="60" placeholder="Dental"/></label>
            <label class="flex flex-col gap-1">"Description"<input class="control" name="description" value=snapshot.description.unwrap_or_default() maxlength="500"/></label>
        </Confirm>
        <PostButton action="/do/set_snapshot_active" look=ButtonStyle::Quiet hidden=active>{change}</PostButton>
    }
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn a_usual_duration_is_rounded_as_people_say_it() {
        assert_eq!((about(26.4).as_str(), about(89.0).as_str()), ("26s", "1m 29s"));
        assert_eq!((about(125.0).as_str(), about(224.0).as_str()), ("about 2 min", "about 4 min"));
    }
}
