//! The job page twice: while the job runs, and when it has failed and needs a person.

use chrono::TimeDelta;
use kit::frame::{Crumb, Shell};
use kit::*;
use leptos::prelude::*;

const STEPS: [&str; 11] = [
    "Check plan and credentials",
    "Validate client data",
    "Validate snapshot",
    "Create location",
    "Wait for snapshot",
    "Mint location token",
    "Fill values and tags",
    "Add users",
    "Create business and invite owner",
    "Verify by reading back",
    "Finish",
];

fn steps(done: usize, tone: Tone, word: &str, note: &str) -> Vec<StepLine> {
    let times = ["0.4s", "0.1s", "0.6s", "3.1s", "1m 48s", "0.9s"];
    STEPS
        .iter()
        .enumerate()
        .map(|(at, label)| StepLine {
            key: at.to_string(),
            label: (*label).to_owned(),
            tone: if at < done {
                Tone::Ok
            } else if at == done {
                tone
            } else {
                Tone::Waiting
            },
            word: if at < done {
                "done"
            } else if at == done {
                word
            } else {
                "waiting"
            }
            .to_owned(),
            time: (at < done).then(|| times[at.min(5)].into_any()).or_else(|| {
                (at == done && tone == Tone::Running)
                    .then(|| view! { <Elapsed since={time::now() - TimeDelta::seconds(108)} /> }.into_any())
            }),
            note: (at == done && !note.is_empty()).then(|| note.to_owned()),
            href: Some(format!("?step={at}")),
            current: at == done,
        })
        .collect()
}

fn line(key: &str, seconds: i64, tone: Tone, text: &str) -> LogLine {
    LogLine {
        key: key.to_owned(),
        at: time::now() - TimeDelta::seconds(180 - seconds),
        since: None,
        tone,
        text: text.to_owned(),
        detail: text.starts_with("429").then(|| "{\n  \"wait_seconds\": 4.0\n}".to_owned()),
    }
}

fn log() -> Vec<LogLine> {
    vec![
        line("1", 0, Tone::Waiting, "Location \u{2026}Q9f answers; asking for the snapshot's state"),
        line("2", 13, Tone::Waiting, "status: processing, 17 of 22 assets"),
        line("3", 28, Tone::Retrying, "429 from HighLevel, waiting 4s (attempt 2 of 4)"),
        line("4", 32, Tone::Waiting, "status: processing, 19 of 22 assets"),
        line("5", 47, Tone::Waiting, "workflows 12/12 \u{b7} forms 4/4 \u{b7} funnels 1/3 \u{b7} calendars 2/3"),
        line("6", 62, Tone::Ok, "custom values present"),
    ]
}

fn tabs() -> Vec<Tab> {
    vec![
        Tab::new("Log", "#", true),
        Tab::new("Input", "#", false),
        Tab::new("Output", "#", false),
        Tab { count: Some(6), ..Tab::new("Calls", "#", false) },
    ]
}

pub fn running(theme: &str) -> impl IntoView {
    let frame = crate::agency(
        theme,
        "/a/harbor/provisioning/214",
        vec![Crumb::link("Jobs", "#"), Crumb::current("#214 Bright Dental")],
    );
    let mark = view! { <StatusPill tone=Tone::Running>"Running \u{b7} step 5 of 11"</StatusPill> }.into_any();
    let meta = view! {
        <span>"Snapshot Dental Pro v7"</span><span class="text-fg-3">"\u{b7}"</span><span>"started by Maya"</span><span class="text-fg-3">"\u{b7}"</span>
        <Elapsed since={time::now() - TimeDelta::seconds(130)} /><span class="text-fg-3">"\u{b7}"</span><span>"Usually takes 3\u{2013}5 min"</span>
    }
    .into_any();
    view! {
        <Shell frame=frame>
            <PageHeader title="Bright Dental" mark=mark meta=meta>
                <Confirm action="#" label="Cancel" verb="Cancel this job">
                    <p>"It stops after the current call. Location \u{2026}Q9f exists already: HighLevel offers no delete, so it is renamed and listed for you."</p>
                </Confirm>
                <Menu label="More actions" dots=true look=ButtonStyle::Quiet><MenuLink href="#" icon=Glyph::Copy>"Create another like this"</MenuLink><MenuLink href="#" icon=Glyph::Download>"Download log"</MenuLink></Menu>
            </PageHeader>
            <div class="flex flex-col gap-2 pb-6">
                <SegmentBar parts=vec![Segment { label: "done".into(), count: 4, tone: Tone::Ok }, Segment { label: "running".into(), count: 1, tone: Tone::Running }, Segment { label: "waiting".into(), count: 6, tone: Tone::Waiting }] />
                <p class="text-xs text-fg-3">"About 1m 30s left"</p>
            </div>
            <div class="grid items-start gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
                <StepTimeline label="Steps" steps=steps(4, Tone::Running, "running", "17 of 22 assets loaded") />
                <Card title="Wait for snapshot" aside=view! { <span class="text-xs text-fg-3">"attempt 2 of 4"</span> }.into_any() flush=true>
                    <div class="px-4 py-3">
                        <KeyValues>
                            <KeyValue name="What">"Load \u{201c}Dental Pro\u{201d} into location " <CopyId id="ve9EPM428h8vShlRQ9f" /></KeyValue>
                            <KeyValue name="Assets">"workflows 12/12 \u{b7} forms 4/4 \u{b7} funnels 1/3"</KeyValue>
                        </KeyValues>
                    </div>
                    <div class="px-2"><Tabs label="Step" tabs=tabs() /></div>
                    <LogView label="Log of this step" lines=log() />
                </Card>
            </div>
        </Shell>
    }
}

pub fn failed(theme: &str) -> impl IntoView {
    let frame = crate::agency(
        theme,
        "/a/harbor/provisioning/215",
        vec![Crumb::link("Jobs", "#"), Crumb::current("#215 Luna Yoga")],
    );
    let mark = view! { <StatusPill tone=Tone::Failed>"Failed \u{b7} step 4 of 11"</StatusPill> }.into_any();
    let meta = view! { <span>"Snapshot Studio v2"</span><span class="text-fg-3">"\u{b7}"</span><span>"started by Noah " <Ago at={time::now() - TimeDelta::seconds(780)} /></span> }.into_any();
    let notice = FailureNotice {
        title: "HighLevel refused: the plan does not allow creating locations by API".to_owned(),
        effect: "Nothing was created. The agency's HighLevel plan must be Agency Pro for this step; every other step is done and kept.".to_owned(),
        fix: Some(failure_card::Fix { label: "Resume from Create location".to_owned(), href: "#".to_owned(), post: true }),
        detail: Some("POST /locations/ \u{2192} 403\n{\"message\":\"Agency plan does not include this feature\",\"statusCode\":403}".to_owned()),
        request: Some("018f6d2e-7c1b-7aaa-9d77-3a1f02c4b9e1".to_owned()),
        forbidden: false,
    };
    let mut log = log();
    log.truncate(2);
    log.push(line("9", 120, Tone::Failed, "403 from HighLevel: Agency plan does not include this feature"));
    view! {
        <Shell frame=frame>
            <PageHeader title="Luna Yoga" mark=mark meta=meta>
                <ConfirmByName action="#" verb="Undo what was created" name="Luna Yoga"><p>"Removes the values, tags and people this job added."</p></ConfirmByName>
            </PageHeader>
            <div class="grid items-start gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
                <StepTimeline label="Steps" steps=steps(3, Tone::Failed, "failed", "Plan does not allow it") />
                <div class="flex min-w-0 flex-col gap-4">
                    <FailureCard notice=notice><ButtonLink href="#">"Edit input and resume"</ButtonLink><ButtonLink href="#" look=ButtonStyle::Quiet>"Start over as new job"</ButtonLink></FailureCard>
                    <Card title="Create location" aside=view! { <span class="text-xs text-fg-3">"attempt 1 of 4"</span> }.into_any() flush=true>
                        <div class="px-2"><Tabs label="Step" tabs=tabs() /></div>
                        <LogView label="Log of this step" lines=log />
                    </Card>
                </div>
            </div>
        </Shell>
    }
}
