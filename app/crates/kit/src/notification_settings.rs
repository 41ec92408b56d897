//! The fields by which a person, or an agency for its people, chooses how to be told. Both forms are the same; an empty
//! choice leaves it to the agency, or to what is usual.

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
    /// The time zones that are suggested.
    zones: Vec<Choice>,
) -> impl IntoView {
    let texts = texts(use_context().unwrap_or_default());
    let sections = [Severity::NeedsYou, Severity::Finished, Severity::Info].map(|severity| {
        let (title, chosen) = ((texts.group)(severity), choices.clone());
        view! {
            <FormSection title>
                <div class="grid gap-4 sm:grid-cols-2"><Kinds texts severity choices=chosen of_agency/></div>
            </FormSection>
        }
    });
    view! {
        {sections.into_iter().collect_view()}
        <FormSection title=texts.times>
            <div class="grid gap-4 sm:grid-cols-2"><Times texts choices of_agency zones/></div>
        </FormSection>
    }
}

/// The label of a choice that was not made.
fn unset(texts: &Texts, of_agency: bool, usual: &str) -> String {
    if of_agency { (texts.usual)(usual) } else { texts.same_as_agency.to_owned() }
}

/// One drop-down list for each kind of this severity.
#[component]
fn Kinds(texts: &'static Texts, severity: Severity, choices: Choices, of_agency: bool) -> impl IntoView {
    let kinds = Kind::ALL.into_iter().filter(move |kind| kind.severity() == severity);
    let fields = kinds.map(|kind| {
        let offered = Channel::ALL
            .into_iter()
            .rev()
            .map(|channel| Choice::new(channel.key(), (texts.channel)(channel)))
            .collect();
        let value = choices.kinds.get(&kind).map(|channel| channel.key()).unwrap_or_default();
        let (label, empty) = ((texts.kind)(kind), unset(texts, of_agency, (texts.channel)(kind.usual())));
        view! { <Select name=kind.key() label choices=offered value=value empty=empty/> }
    });
    fields.collect_view()
}

/// The fields that apply to all kinds.
#[component]
fn Times(texts: &'static Texts, choices: Choices, of_agency: bool, zones: Vec<Choice>) -> impl IntoView {
    let yes = |on: Option<bool>| on.map(|on| if on { "yes" } else { "no" }).unwrap_or_default();
    let empty = |usual: &str| unset(texts, of_agency, usual);
    let everyones = vec![Choice::new("no", texts.own_jobs), Choice::new("yes", texts.all_jobs)];
    let urgent = vec![Choice::new("no", texts.wait), Choice::new("yes", texts.at_once)];
    let hours = (0..24).map(|hour| Choice::new(hour.to_string(), (texts.hour)(hour))).collect();
    let quiet = [Quiet::NONE].into_iter().chain(Quiet::OFFERED);
    let quiet = quiet.map(|quiet| Choice::new(quiet.key(), (texts.quiet_hours)(quiet)));
    let usual_hour = (texts.hour)(8);
    let digest_hour = choices.digest_hour.map(|hour| hour.to_string()).unwrap_or_default();
    let quiet_value = choices.quiet.map(Quiet::key).unwrap_or_default();
    let timezone = choices.timezone.unwrap_or_default();
    view! {
        <Select name="everyones" label=texts.jobs choices=everyones value=yes(choices.everyones) empty=empty(texts.usual_jobs) help=texts.jobs_help/>
        <Select name="digest_hour" label=texts.summary choices=hours value=digest_hour empty=empty(&usual_hour)/>
        <Select name="quiet" label=texts.quiet choices=quiet.collect() value=quiet_value empty=empty(texts.usual_quiet) help=texts.quiet_help/>
        <Select name="urgent" label=texts.in_quiet choices=urgent value=yes(choices.urgent) empty=empty(texts.usual_in_quiet)/>
        <ZoneField name="timezone" label=texts.zone zones=zones value=timezone empty=empty(ZONE)/>
    }
}
