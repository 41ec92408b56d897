//! The fields by which a person, or an agency for its people, chooses how to be told. An empty choice leaves it to the agency,
//! or to what is usual. There is a field for each kind that can reach the person (`domain::notifications::Offered`).

use domain::notifications::choices::{Channel, Choices, Quiet, Rules};
use domain::notifications::{Kind, Offered, Severity};
use leptos::prelude::*;

use crate::notification_texts::{Texts, texts};
use crate::{Choice, FormSection, Select, ZoneField};

/// What an empty choice stands for.
#[derive(Clone)]
enum Unset {
    /// What is usual.
    Usual,
    /// What the one agency of the person chose.
    Agency(Rules),
    /// What each agency of the person chose.
    Agencies,
}

impl Unset {
    /// The label of the empty choice, if rules are put into words like this.
    fn label(&self, texts: &Texts, words: impl Fn(&Rules) -> String) -> String {
        match self {
            Self::Usual => (texts.usual)(&words(&Rules::default())),
            Self::Agency(rules) => (texts.as_agency)(&words(rules)),
            Self::Agencies => texts.as_agencies.to_owned(),
        }
    }
}

/// How the fields of kinds stand: each on a line of its own beside its label, or under it on a phone.
const ROWS: &str = "grid max-w-3xl gap-4 sm:gap-0 sm:divide-y sm:divide-line sm:[&>div]:flex-row sm:[&>div]:items-center sm:[&>div]:py-2 sm:[&_label]:grow sm:[&_select]:w-96";

/// The fields of the settings in the language of the page, for a form.
#[component]
pub fn NotificationSettings(
    /// What was chosen.
    choices: Choices,
    /// True for the form of an agency, false for that of a person.
    #[prop(optional)]
    of_agency: bool,
    /// What is asked: what can reach the person, or the people of the agency.
    offered: Offered,
    /// What the agency of a person chose, if they belong to one only.
    #[prop(optional_no_strip)]
    agency: Option<Choices>,
    /// The time zones that are suggested.
    zones: Vec<Choice>,
) -> impl IntoView {
    let texts = texts(use_context().unwrap_or_default());
    let unset = match agency {
        // No agency chooses for whom it does not employ.
        _ if of_agency || !offered.in_agency => Unset::Usual,
        Some(agency) => Unset::Agency(Rules { agency, ..Rules::default() }),
        None => Unset::Agencies,
    };
    let sections = [Severity::NeedsYou, Severity::Finished, Severity::Info].map(|severity| {
        let kinds = offered.kinds.iter().copied().filter(|kind| kind.severity() == severity).collect::<Vec<_>>();
        let (title, chosen, unset, digest) =
            ((texts.group)(severity), choices.clone(), unset.clone(), offered.in_agency);
        (!kinds.is_empty()).then(|| {
            view! {
                <FormSection title>
                    <div class=ROWS><Kinds texts kinds choices=chosen unset digest/></div>
                </FormSection>
            }
        })
    });
    view! {
        {sections.into_iter().collect_view()}
        <FormSection title=texts.times>
            <div class="grid gap-4 sm:grid-cols-2"><Times texts choices offered unset zones/></div>
        </FormSection>
    }
}

/// One drop-down list for each of these kinds. Without a summary of a day there is none to choose, unless somebody did.
#[component]
fn Kinds(texts: &'static Texts, kinds: Vec<Kind>, choices: Choices, unset: Unset, digest: bool) -> impl IntoView {
    let fields = kinds.into_iter().map(|kind| {
        let chosen = choices.kinds.get(&kind).copied();
        let offered = Channel::ALL
            .into_iter()
            .rev()
            .filter(|channel| digest || *channel != Channel::Digest || chosen == Some(Channel::Digest))
            .map(|channel| Choice::new(channel.key(), (texts.channel)(channel)))
            .collect();
        let value = chosen.map(Channel::key).unwrap_or_default();
        let label = (texts.kind)(kind);
        let empty = unset.label(texts, |rules| (texts.channel)(rules.channel(kind)).to_owned());
        view! { <Select name=kind.key() label choices=offered value=value empty=empty/> }
    });
    fields.collect_view()
}

/// The fields that apply to all kinds.
#[component]
fn Times(texts: &'static Texts, choices: Choices, offered: Offered, unset: Unset, zones: Vec<Choice>) -> impl IntoView {
    let yes = |on: Option<bool>| on.map(|on| if on { "yes" } else { "no" }).unwrap_or_default();
    let either = |on: bool, yes: &str, no: &str| if on { yes.to_owned() } else { no.to_owned() };
    let same_jobs = unset.label(texts, |rules| either(rules.everyones(), texts.all_jobs, texts.own_jobs));
    let same_hour = unset.label(texts, |rules| (texts.hour)(rules.digest_hour()));
    let same_quiet = unset.label(texts, |rules| (texts.quiet_hours)(rules.quiet()));
    let same_urgent = unset.label(texts, |rules| either(rules.urgent(), texts.at_once, texts.wait));
    let zone_words =
        |rules: &Rules| zones.iter().find(|zone| zone.value == rules.zone()).map(|zone| zone.label.clone());
    let same_zone = unset.label(texts, |rules| zone_words(rules).unwrap_or_else(|| rules.zone().to_owned()));
    let everyones = vec![Choice::new("no", texts.own_jobs), Choice::new("yes", texts.all_jobs)];
    let urgent = vec![Choice::new("no", texts.wait), Choice::new("yes", texts.at_once)];
    let hours = (0..24).map(|hour| Choice::new(hour.to_string(), (texts.hour)(hour))).collect();
    let quiet = [Quiet::NONE].into_iter().chain(Quiet::OFFERED);
    let quiet = quiet.map(|quiet| Choice::new(quiet.key(), (texts.quiet_hours)(quiet)));
    let digest_hour = choices.digest_hour.map(|hour| hour.to_string()).unwrap_or_default();
    let quiet_value = choices.quiet.map(Quiet::key).unwrap_or_default();
    let timezone = choices.timezone.unwrap_or_default();
    let everyones_value = yes(choices.everyones);
    let jobs = offered.everyones.then(|| {
        view! { <Select name="everyones" label=texts.jobs choices=everyones value=everyones_value empty=same_jobs help=texts.jobs_help/> }
    });
    let summary = offered.in_agency.then(|| {
        view! { <Select name="digest_hour" label=texts.summary choices=hours value=digest_hour empty=same_hour/> }
    });
    view! {
        {jobs}
        {summary}
        <Select name="quiet" label=texts.quiet choices=quiet.collect() value=quiet_value empty=same_quiet help=texts.quiet_help/>
        <Select name="urgent" label=texts.in_quiet choices=urgent value=yes(choices.urgent) empty=same_urgent/>
        <ZoneField name="timezone" label=texts.zone zones=zones value=timezone empty=same_zone/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Form;

    /// What somebody is asked who works in no agency and is told of one kind.
    fn of_business() -> Offered {
        Offered { kinds: vec![Kind::ToolApproval], everyones: false, in_agency: false }
    }

    fn page(offered: Offered, choices: Choices, agency: Option<Choices>) -> String {
        let owner = Owner::new();
        owner.with(|| {
            let form = view! {
                <Form action="/do/anything">
                    <NotificationSettings choices offered agency zones=Vec::new()/>
                </Form>
            };
            form.to_html()
        })
    }

    #[test]
    fn an_empty_choice_says_what_the_agency_chose() {
        let kinds = [(Kind::JobFinished, Channel::Off)].into();
        let agency = Choices { kinds, digest_hour: Some(17), everyones: Some(true), ..Choices::default() };
        let page = page(Offered::of_agency(), Choices::default(), Some(agency));
        for words in ["Off", "5 PM", "What anyone started", "None", "America/New_York"] {
            assert!(page.contains(&format!("Same as agency: {words}")), "{words}: {page}");
        }
        let usual = Kind::JobFailed.usual().words();
        assert!(page.contains(&format!("Same as agency: {usual}")), "{page}");
    }

    #[test]
    fn nobody_without_an_agency_reads_of_one_or_of_its_summary() {
        let chosen = |channel| Choices { kinds: [(Kind::ToolApproval, channel)].into(), ..Choices::default() };
        let asked = page(of_business(), Choices::default(), None);
        assert!(asked.contains("Default: ") && !asked.contains("Same as"), "{asked}");
        let summary = Channel::Digest.words();
        assert!(!asked.contains(summary) && !asked.contains("name=\"digest_hour\""), "{asked}");
        assert!(page(of_business(), chosen(Channel::Digest), None).contains(summary), "what was chosen is shown");
        assert!(page(Offered::of_agency(), Choices::default(), None).contains(summary));
    }

    #[test]
    fn there_is_a_field_for_each_kind_that_reaches_the_person_and_for_no_other() {
        for kind in Kind::ALL {
            let offered = Offered { kinds: vec![kind], everyones: false, in_agency: true };
            let page = page(offered, Choices::default(), None);
            for other in Kind::ALL {
                let field = format!("name=\"{}\"", other.key());
                assert_eq!(page.contains(&field), other == kind, "{field} for {kind}");
            }
        }
        for (field, of_business_too) in
            [("everyones", false), ("digest_hour", false), ("quiet", true), ("timezone", true)]
        {
            let field = format!("name=\"{field}\"");
            assert!(page(Offered::of_agency(), Choices::default(), None).contains(&field), "{field}");
            assert_eq!(page(of_business(), Choices::default(), None).contains(&field), of_business_too, "{field}");
        }
    }
}
