//! Pages with lists: home, jobs, connections.

use chrono::TimeDelta;
use kit::frame::{Crumb, Shell};
use kit::*;
use leptos::prelude::*;

pub fn home(theme: &str) -> impl IntoView {
    let frame = crate::agency(theme, "/a/harbor", vec![Crumb::current("Home")]);
    let item = |tone, title: &'static str, text: &'static str, action: &'static str| {
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
                <StatusIcon tone=tone size=16 />
                <div class="min-w-0 grow basis-52"><p class="font-medium">{title}</p><p class="text-sm text-fg-2">{text}</p></div>
                <ButtonLink href="#">{action}</ButtonLink>
            </li>
        }
    };
    view! {
        <Shell frame=frame>
            <PageHeader title="Good morning, Maya"><ButtonLink href="#" look=ButtonStyle::Primary icon=Glyph::Plus>"New client"</ButtonLink></PageHeader>
            <div class="grid grid-cols-2 gap-3 pb-6 lg:grid-cols-4">
                <Tile name="Clients" value="38" note="2 new this week" href="#" />
                <Tile name="Jobs running" value="3" note="1 waits for you" href="#" />
                <Tile name="Finished at first try" value="94 %" note="last 30 days" />
                <Tile name="Typical time" value="3m 40s" note="9 of 10 within 6 min" />
            </div>
            <Card title="Needs you" flush=true>
                <ul class="divide-y divide-line">
                    {item(Tone::Failed, "Luna Yoga failed at Create location", "The HighLevel plan does not allow creating locations by API. Nothing was created.", "Open job")}
                    {item(Tone::Asks, "Bright Dental asks which calendar to use", "Two calendars of that name came with the snapshot.", "Answer")}
                    {item(Tone::Warn, "HighLevel connection ends in 5 days", "The refresh token was last used 55 days ago.", "Renew")}
                </ul>
            </Card>
        </Shell>
    }
}

fn job(n: u32, name: &str, (tone, word): (Tone, &'static str), done: usize, took: &str, ago: i64) -> Row {
    let dots = (0..11)
        .map(|at| {
            if at < done {
                Tone::Ok
            } else if at == done {
                tone
            } else {
                Tone::Waiting
            }
        })
        .collect::<Vec<_>>();
    let at = time::now() - TimeDelta::seconds(ago);
    let took = took.to_owned();
    Row {
        key: n.to_string(),
        href: Some(format!("/a/harbor/provisioning/{n}")),
        cells: vec![
            name.to_owned().into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <StepDots steps=dots label=format!("{done} of 11 steps") /> }.into_any(),
            "Dental Pro v7".into_any(),
            "Maya".into_any(),
            view! { <Ago at=at /> }.into_any(),
            took.into_any(),
        ],
    }
}

pub fn jobs(theme: &str) -> impl IntoView {
    let frame = crate::agency(theme, "/a/harbor/provisioning", vec![Crumb::current("Jobs")]);
    let at = Address::new("/a/harbor/provisioning", "?sort=-started&snapshot=7");
    let columns = vec![
        Column::sorted("name", "Client"),
        Column::sorted("status", "State"),
        Column::plain("Steps"),
        Column::plain("Snapshot").wide_only(),
        Column::plain("Started by").wide_only(),
        Column::sorted("started", "Started"),
        Column::sorted("took", "Took").number(),
    ];
    let view = |key, label, count| SavedView { key, label, count };
    let rows = vec![
        job(218, "Northwind Physio", (Tone::Running, "Running"), 4, "2m 10s", 130),
        job(217, "Bright Dental", (Tone::Asks, "Needs input"), 6, "4m", 900),
        job(216, "Oak & Ember Restaurants of the Greater Cardiff Area", (Tone::Retrying, "Retrying"), 3, "1m 2s", 1300),
        job(215, "Luna Yoga", (Tone::Failed, "Failed"), 3, "12s", 4200),
        job(214, "Castle Vets", (Tone::Ok, "Done"), 11, "3m 22s", 8000),
        job(213, "Riverside Autos", (Tone::Cancelled, "Cancelled"), 2, "41s", 90_000),
        job(212, "Peak Roofing", (Tone::Ok, "Done"), 11, "3m 58s", 200_000),
        job(211, "Hazel Florists", (Tone::Waiting, "Waiting"), 0, "", 260_000),
    ];
    view! {
        <Shell frame=frame>
            <PageHeader title="Jobs"><ButtonLink href="#" look=ButtonStyle::Primary icon=Glyph::Plus>"New client"</ButtonLink></PageHeader>
            <Table
                caption="Jobs" at=at orders=&["-started", "started", "name", "status", "took"] columns=columns rows=rows next=Some("abc".to_owned()) total=Some(3412) search="Search clients"
                views=vec![view("", "All", None), view("running", "Running", Some(3)), view("failed", "Failed", Some(1)), view("asks", "Needs input", Some(1)), view("mine", "Mine", None)]
                filters=vec![FilterChip { key: "snapshot".to_owned(), label: "Snapshot is Dental Pro".to_owned() }]
                bulk=Bulk { id: "bulk", action: "#".to_owned(), buttons: view! { <Button form="bulk" name="deed" value="retry">"Retry"</Button><Button look=ButtonStyle::Danger form="bulk" name="deed" value="cancel">"Cancel"</Button> }.into_any() }
                empty=view! { <Empty title="No clients provisioned yet" text="Create one and watch it come to life." /> }.into_any()
            />
        </Shell>
    }
}

pub fn connections(theme: &str) -> impl IntoView {
    let frame = crate::agency(theme, "/a/harbor/connections", vec![Crumb::current("Connections")]);
    view! {
        <Shell frame=frame>
            <PageHeader title="Connections"><ButtonLink href="#" look=ButtonStyle::Primary icon=Glyph::Plug>"Connect HighLevel"</ButtonLink></PageHeader>
            <div class="flex flex-col gap-4">
                <Banner tone=Tone::Warn text="1 install came without a state and waits to be claimed."><ButtonLink href="#">"Look at it"</ButtonLink></Banner>
                <Card title="HighLevel" aside=view! { <StatusPill tone=Tone::Ok evidence="last call 2 min ago">"Working"</StatusPill> }.into_any()>
                    <KeyValues>
                        <KeyValue name="Company">"Harbor Digital " <CopyId id="5DP4iH6HLkQsiKESj6rh" /></KeyValue>
                        <KeyValue name="How we know">"Last call 2 min ago answered 200; token good for 22 h 41 min"</KeyValue>
                        <KeyValue name="Today">"1,204 of 200,000 calls"</KeyValue>
                    </KeyValues>
                    <div class="pt-3"><Progress label="Calls today" value=1204 max=20000 /></div>
                    <div class="flex flex-wrap gap-2 pt-4"><PostButton action="#">"Check now"</PostButton><ButtonLink href="#">"Details"</ButtonLink></div>
                </Card>
                <Empty title="No private tokens" text="A private integration token is a backup for when the connection above is gone."><ButtonLink href="#">"Add private token"</ButtonLink></Empty>
            </div>
        </Shell>
    }
}
