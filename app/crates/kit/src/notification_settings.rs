//! The fields by which a person, or an agency for its people, chooses how to be told. An empty choice leaves it to the agency,
//! or to what is usual. People of businesses alone are told of less, and no agency chooses for them.

use domain::notifications::choices::{Channel, Choices, Quiet, ZONE};
use domain::notifications::{Kind, Severity};
use leptos::prelude::*;

use crate::notification_texts::{Texts, texts};
use crate::{Choice, FormSection, Select, ZoneField};

/// The fields of the settings in the language of the page, for a form.
#[component]
pub fn NotificationSettings(
    /// What was chosen.
    choices: Choices,
    /// True for the form of an agency, false for that of a person.
    #[prop(optional)]
    of_agency: bool,
    /// True for a person who belongs to businesses alone.
    #[prop(optional)]
    of_business: bool,
    /// The time zones that are suggested.
    zones: Vec<Choice>,
) -> impl IntoView {
    let texts = texts(use_context().unwrap_or_default());
    let sections = [Severity::NeedsYou, Severity::Finished, Severity::Info].map(|severity| {
        let kinds: Vec<Kind> = told(of_business).filter(|kind| kind.severity() == severity).collect();
        let (title, chosen) = ((texts.group)(severity), choices.clone());
        (!kinds.is_empty()).then(|| {
            view! {
                <FormSection title>
                    <div class="grid gap-4 sm:grid-cols-2"><Kinds texts kinds choices=chosen usual={of_agency || of_business}/></div>
                </FormSection>
            }
        })
    });
    view! {
        {sections.into_iter().collect_view()}
        <FormSection title=texts.times>
            <div class="grid gap-4 sm:grid-cols-2"><Times texts choices of_business usual={of_agency || of_business} zones/></div>
        </FormSection>
    }
}

/// What such a person is told of. The owners of a business are told what AI agents ask for; everything else is told to agencies.
fn told(of_business: bool) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |kind| !of_business || *kind == Kind::ToolApproval)
}

/// The label of a choice that was not made: what is usual counts then, or what the agency chose.
fn unset(texts: &Texts, is_usual: bool, usual: &str) -> String {
    if is_usual { (texts.usual)(usual) } else { texts.same_as_agency.to_owned() }
}

/// One drop-down list for each of these kinds.
#[component]
fn Kinds(texts: &'static Texts, kinds: Vec<Kind>, choices: Choices, usual: bool) -> impl IntoView {
    let fields = kinds.into_iter().map(|kind| {
        let offered = Channel::ALL
            .into_iter()
            .rev()
            .map(|channel| Choice::new(channel.key(), (texts.channel)(channel)))
            .collect();
        let value = choices.kinds.get(&kind).map(|channel| channel.key()).unwrap_or_default();
        let (label, empty) = ((texts.kind)(kind), unset(texts, usual, (texts.channel)(kind.usual())));
        view! { <Select name=kind.key() label choices=offered value=value empty=empty/> }
    });
    fields.collect_view()
}

/// The fields that apply to all kinds.
#[component]
fn Times(texts: &'static Texts, choices: Choices, of_business: bool, usual: bool, zones: Vec<Choice>) -> impl IntoView {
    let yes = |on: Option<bool>| on.map(|on| if on { "yes" } else { "no" }).unwrap_or_default();
    let empty = |words: &str| unset(texts, usual, words);
    let everyones = vec![Choice::new("no", texts.own_jobs), Choice::new("yes", texts.all_jobs)];
    let urgent = vec![Choice::new("no", texts.wait), Choice::new("yes", texts.at_once)];
    let hours = (0..24).map(|hour| Choice::new(hour.to_string(), (texts.hour)(hour))).collect();
    let quiet = [Quiet::NONE].into_iter().chain(Quiet::OFFERED);
    let quiet = quiet.map(|quiet| Choice::new(quiet.key(), (texts.quiet_hours)(quiet)));
    let usual_hour = (texts.hour)(8);
    let digest_hour = choices.digest_hour.map(|hour| hour.to_string()).unwrap_or_default();
    let quiet_value = choices.quiet.map(Quiet::key).unwrap_or_default();
    let timezone = choices.timezone.unwrap_or_default();
    let everyones_value = yes(choices.everyones);
    let jobs = (!of_business).then(|| {
        view! { <Select name="everyones" label=texts.jobs choices=everyones value=everyones_value empty=empty(texts.usual_jobs) help=texts.jobs_help/> }
    });
    view! {
        {jobs}
        <Select name="digest_hour" label=texts.summary choices=hours value=digest_hour empty=empty(&usual_hour)/>
        <Select name="quiet" label=texts.quiet choices=quiet.collect() value=quiet_value empty=empty(texts.usual_quiet) help=texts.quiet_help/>
        <Select name="urgent" label=texts.in_quiet choices=urgent value=yes(choices.urgent) empty=empty(texts.usual_in_quiet)/>
        <ZoneField name="timezone" label=texts.zone zones=zones value=timezone empty=empty(ZONE)/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Form;

    fn page(of_business: bool) -> String {
        let owner = Owner::new();
        owner.with(|| {
            let form = view! {
                <Form action="/do/anything">
                    <NotificationSettings choices=Choices::default() of_business zones=Vec::new()/>
                </Form>
            };
            form.to_html()
        })
    }

    #[test]
    fn people_of_businesses_choose_what_they_are_told_of() {
        for kind in Kind::ALL {
            let field = format!("name=\"{}\"", kind.key());
            assert!(page(false).contains(&field), "{field}");
            assert_eq!(page(true).contains(&field), kind == Kind::ToolApproval, "{field}");
        }
        for (field, of_business) in [("everyones", false), ("quiet", true), ("timezone", true)] {
            assert_eq!(page(true).contains(&format!("name=\"{field}\"")), of_business, "{field}");
        }
        assert!(!page(true).contains("Same as my agency"));
    }
}
