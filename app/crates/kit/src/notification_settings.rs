//! The fields by which a person, or an agency for its people, chooses how to be told. Both forms are the same; an empty
//! choice leaves it to the agency, or to what is usual.

use domain::notifications::choices::{Channel, Choices, Quiet, ZONE, clock};
use domain::notifications::{Kind, Severity};
use leptos::prelude::*;

use crate::{Choice, FormSection, Select, ZoneField};

/// The fields of the settings, for a form.
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
    let groups =
        [(Severity::NeedsYou, "Needs attention"), (Severity::Finished, "Finished"), (Severity::Info, "Good to know")];
    let sections = groups.map(|(severity, title)| {
        let chosen = choices.clone();
        view! {
            <FormSection title=title>
                <div class="grid gap-4 sm:grid-cols-2"><Kinds severity choices=chosen of_agency/></div>
            </FormSection>
        }
    });
    view! {
        {sections.into_iter().collect_view()}
        <FormSection title="When and about what">
            <div class="grid gap-4 sm:grid-cols-2"><Times choices of_agency zones/></div>
        </FormSection>
    }
}

/// The label of a choice that was not made.
fn unset(of_agency: bool, usual: &str) -> String {
    if of_agency { format!("Slipway's default ({usual})") } else { "Same as my agency".to_owned() }
}

/// One drop-down list for each kind of this severity.
#[component]
fn Kinds(severity: Severity, choices: Choices, of_agency: bool) -> impl IntoView {
    let kinds = Kind::ALL.into_iter().filter(move |kind| kind.severity() == severity);
    let fields = kinds.map(|kind| {
        let offered = Channel::ALL.into_iter().rev().map(|channel| Choice::new(channel.key(), channel.words())).collect();
        let value = choices.kinds.get(&kind).map(|channel| channel.key()).unwrap_or_default();
        view! { <Select name=kind.key() label=kind.words() choices=offered value=value empty=unset(of_agency, kind.usual().words())/> }
    });
    fields.collect_view()
}

/// The fields that apply to all kinds.
#[component]
fn Times(choices: Choices, of_agency: bool, zones: Vec<Choice>) -> impl IntoView {
    let yes = |on: Option<bool>| on.map(|on| if on { "yes" } else { "no" }).unwrap_or_default();
    let everyones = vec![Choice::new("no", "Only what I started"), Choice::new("yes", "What anybody started")];
    let urgent = vec![Choice::new("no", "Wait until they end"), Choice::new("yes", "Send what needs me at once")];
    let hours = (0..24).map(|hour| Choice::new(hour.to_string(), clock(hour))).collect();
    let quiet = [Quiet::NONE].into_iter().chain(Quiet::OFFERED).map(|quiet| Choice::new(quiet.key(), quiet.words()));
    let digest_hour = choices.digest_hour.map(|hour| hour.to_string()).unwrap_or_default();
    let quiet_value = choices.quiet.map(Quiet::key).unwrap_or_default();
    let timezone = choices.timezone.unwrap_or_default();
    view! {
        <Select name="everyones" label="Jobs and imports" choices=everyones value=yes(choices.everyones) empty=unset(of_agency, "only what one started") help="If whoever started a job has left, everybody who runs the agency is told."/>
        <Select name="digest_hour" label="Daily summary" choices=hours value=digest_hour empty=unset(of_agency, &clock(8))/>
        <Select name="quiet" label="Quiet hours" choices=quiet.collect() value=quiet_value empty=unset(of_agency, "none") help="No email is sent in these hours. It comes when they end, unless it was seen by then."/>
        <Select name="urgent" label="In quiet hours" choices=urgent value=yes(choices.urgent) empty=unset(of_agency, "wait")/>
        <ZoneField name="timezone" zones=zones value=timezone empty=unset(of_agency, ZONE)/>
    }
}
