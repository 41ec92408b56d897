//! Shows the basic components once in every look.

use kit::frame::{Crumb, Shell};
use kit::*;
use leptos::prelude::*;

pub fn all(theme: &str) -> impl IntoView {
    let frame = crate::agency(theme, "/a/harbor/team", vec![Crumb::current("Kit")]);
    let pills = Tone::ALL
        .map(|tone| view! { <StatusPill tone=tone>{format!("{tone:?}")}</StatusPill> })
        .into_iter()
        .collect_view();
    let plain = Tone::ALL
        .map(|tone| view! { <StatusPill tone=tone plain=true>{format!("{tone:?}")}</StatusPill> })
        .into_iter()
        .collect_view();
    let icons = Glyph::ALL.iter().map(|of| view! { <Icon of=*of size=20 /> }).collect_view();
    view! {
        <Shell frame=frame>
            <PageHeader title="Kit" />
            <div class="flex flex-col gap-6">
                <div class="flex flex-wrap gap-2">{pills}</div>
                <div class="flex flex-wrap gap-4 text-sm">{plain}</div>
                <div class="flex flex-wrap gap-2">
                    <Button look=ButtonStyle::Primary>"Primary"</Button><Button>"Secondary"</Button><Button look=ButtonStyle::Quiet>"Quiet"</Button><Button look=ButtonStyle::Danger icon=Glyph::Trash>"Danger"</Button>
                    <Button look=ButtonStyle::Primary disabled=true>"Disabled"</Button><Menu label="Menu"><MenuLink href="#">"One"</MenuLink></Menu><Chip>"dental"</Chip>
                </div>
                <div class="flex flex-wrap gap-3 text-fg-2">{icons}</div>
                <Banner tone=Tone::Failed text="HighLevel refuses our token since 09:12. 3 jobs wait."><ButtonLink href="#">"Renew"</ButtonLink></Banner>
                <Banner tone=Tone::Running text="Snapshots are being read." />
                <EmptyFiltered at=Address::new("/x", "?q=lunar&view=failed") what="Jobs" />
                <FailureCard notice=FailureNotice { title: "You can't see the team".into(), effect: "Agency owners and admins can. Ask Maya Lindqvist for access.".into(), forbidden: true, ..FailureNotice::default() } />
            </div>
        </Shell>
    }
}
