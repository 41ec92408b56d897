//! What did agents do with a business? The page for its owner: in a few figures and sentences what was read, what was
//! changed, who approved it, and what is never allowed.

use chrono::Duration;
use domain::tools::Did;
use kit::{Ago, Banner, ButtonLink, Card, Empty, Tile, Tone, grouped};
use leptos::prelude::*;
use store::tools::checks::{self, Checked};
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;

use super::place::{Around, Part, Place};
use super::policies::named;
use super::texts::{Texts, texts};

/// The days that the page looks back.
const DAYS: i64 = 30;

/// What agents did with a business.
#[component]
pub fn AiTrust() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let (place, did, checked) = read(&context).await?;
        let words = texts(context.request.language);
        let body = view! { <Told words place=place.clone() did/> };
        Ok(view! {
            <Around context place part=Part::Trust>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.trust_help}</p>
                    <div class="flex flex-col gap-4">{body}</div>
                    <Proof words checked/>
                    <Promises words/>
                </div>
            </Around>
        })
    })
}

async fn read(context: &ServerContext) -> Result<(Place, Vec<Did>, Option<Checked>)> {
    let (access, mut tx) = context.business_page().await?;
    let place = Place::read(&access, &mut tx).await?;
    let did = store::tools::calls::did(&mut tx, now() - Duration::days(DAYS)).await?;
    let checked = checks::last(&mut tx).await?;
    tx.commit().await?;
    Ok((place, did, checked))
}

/// The sums of what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    read: i64,
    changed: i64,
    approved: i64,
    stopped: i64,
}

impl Sums {
    fn of(did: &[Did]) -> Self {
        did.iter().fold(Self::default(), |sums, one| Self {
            read: sums.read + if one.writes { 0 } else { one.done },
            changed: sums.changed + if one.writes { one.done } else { 0 },
            approved: sums.approved + one.approved,
            stopped: sums.stopped + one.refused,
        })
    }
}

/// The figures, and what was done with each tool.
#[component]
fn Told(words: &'static Texts, place: Place, did: Vec<Did>) -> impl IntoView {
    if did.is_empty() {
        let (title, text) = words.nothing_done;
        return view! { <Empty title text/> }.into_any();
    }
    let sums = Sums::of(&did);
    let log = |view: &str| format!("{}?view={view}", place.at(Part::Log));
    let lines = did.into_iter().map(|one| view! { <Line words place=place.clone() one/> }).collect_view();
    view! {
        <div class="grid grid-cols-2 gap-3 sm:grid-cols-4">
            <Tile name=words.times_read value=grouped(sums.read)/>
            <Tile name=words.times_changed value=grouped(sums.changed) href=log("done")/>
            <Tile name=words.times_approved value=grouped(sums.approved)/>
            <Tile name=words.times_stopped value=grouped(sums.stopped) href=log("refused")/>
        </div>
        <Card title=words.by_tool flush=true><ul>{lines}</ul></Card>
        <div><ButtonLink href=place.at(Part::Log)>{words.read_every_call}</ButtonLink></div>
    }
    .into_any()
}

/// What was done with one tool.
#[component]
fn Line(words: &'static Texts, place: Place, one: Did) -> impl IntoView {
    let href = format!("{}?tool={}", place.at(Part::Log), one.tool);
    let title = named(words, &one.tool);
    // Calls that were stopped or failed say so alone: "0 done" beside them only raises a question.
    let is_undone = one.done == 0 && (one.refused > 0 || one.failed > 0);
    let facts = [
        if is_undone { String::new() } else { (words.done_times)(&grouped(one.done)) },
        if one.approved > 0 { (words.of_them_approved)(&grouped(one.approved)) } else { String::new() },
        if one.refused > 0 { (words.refused_times)(&grouped(one.refused)) } else { String::new() },
        if one.failed > 0 { (words.failed_times)(&grouped(one.failed)) } else { String::new() },
    ];
    let facts = facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" \u{b7} ");
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-raised" href=href>
                <span class="min-w-0 grow basis-48 font-medium break-words">{title}</span>
                <span class="text-sm text-fg-2">{facts}</span>
            </a>
        </li>
    }
}

/// Whether the log is as it was written, as far as anybody looked.
#[component]
fn Proof(words: &'static Texts, checked: Option<Checked>) -> impl IntoView {
    let body = match checked.map(|checked| (checked.at, checked.faults)) {
        None | Some((None, _)) => view! { <p class="text-fg-2">{words.not_verified_yet}</p> }.into_any(),
        Some((Some(at), 0)) => view! {
            <p class="text-ok">{words.verified}" "<Ago at/></p>
            <p class="text-sm text-fg-2">{words.verified_help}</p>
        }
        .into_any(),
        Some((Some(at), faults)) => view! {
            <Banner tone=Tone::Failed text=(words.broken)(&grouped(i64::from(faults)))/>
            <p class="text-sm text-fg-2">{words.looked_at}" "<Ago at/></p>
        }
        .into_any(),
    };
    view! { <Card title=words.log_proof><div class="flex flex-col gap-1.5">{body}</div></Card> }
}

/// What holds for every agent.
#[component]
fn Promises(words: &'static Texts) -> impl IntoView {
    let lines = words.promises.iter().map(|text| view! { <li>{*text}</li> }).collect_view();
    view! { <Card title=words.what_holds><ul class="flex list-disc flex-col gap-1.5 ps-5 text-fg-2">{lines}</ul></Card> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_changes_approvals_and_what_was_stopped_are_summed() {
        let did =
            |writes, done, approved, refused| Did { tool: "t".to_owned(), writes, done, approved, refused, failed: 9 };
        let sums = Sums::of(&[did(false, 5, 0, 1), did(true, 3, 2, 4), did(true, 1, 1, 0)]);
        assert_eq!(sums, Sums { read: 5, changed: 4, approved: 3, stopped: 5 });
        assert_eq!(Sums::of(&[]), Sums::default());
    }
}
