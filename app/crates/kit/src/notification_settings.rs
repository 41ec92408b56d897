//! The fields by which a person, or an agency for its people, chooses how to be told. An empty choice leaves it to the agency,
//! or to what is usual. People of businesses alone are told of less, and no agency chooses for them.

use domain::notifications::choices::{Channel, Choices, Quiet, Rules};
use domain::notifications::{Kind, Severity};
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
    /// True for a person who belongs to businesses alone.
    #[prop(optional)]
    of_business: bool,
    /// What the agency of a person chose, if they belong to one only.
    #[prop(optional_no_strip)]
    agency: Option<Choices>,
    /// True for a person without any agency: a super admin, for whom no agency chooses.
    #[prop(optional)]
    no_agency: bool,
    /// The time zones that are suggested.
    zones: Vec<Choice>,
) -> impl IntoView {
    let texts = texts(use_context().unwrap_or_default());
    let unset = match agency {
        _ if of_agency || of_business || no_agency => Unset::Usual,
        Some(agency) => Unset::Agency(Rules { agency, ..Rules::default() }),
        None => Unset::Agencies,
    };
    let sections = [Severity::NeedsYou, Severity::Finished, Severity::Info].map(|severity| {
        let kinds: Vec<Kind> = told(of_business).filter(|kind| kind.severity() == severity).collect();
        let (title, chosen, unset) = ((texts.group)(severity), choices.clone(), unset.clone());
        (!kinds.is_empty()).then(|| {
            view! {
                <FormSection title>
                    <div class=ROWS><Kinds texts kinds choices=chosen unset/></div>
                </FormSection>
            }
        })
    });
    view! {
        {sections.into_iter().collect_view()}
        <FormSection title=texts.times>
            <div class="grid gap-4 sm:grid-cols-2"><Times texts choices of_business unset zones/></div>
        </FormSection>
    }
}

/// What such a person is told of. The owners of a business are told what AI agents ask for; everything else is told to agencies.
fn told(of_business: bool) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |kind| !of_business || *kind == Kind::ToolApproval)
}

/// One drop-down list for each of these kinds.
#[component]
fn Kinds(texts: &'static Texts, kinds: Vec<Kind>, choices: Choices, unset: Unset) -> impl IntoView {
    let fields = kinds.into_iter().map(|kind| {
        let offered = Channel::ALL
            .into_iter()
            .rev()
            .map(|channel| Choice::new(channel.key(), (texts.channel)(channel)))
            .collect();
        let value = choices.kinds.get(&kind).map(|channel| channel.key()).unwrap_or_default();
        let label = (texts.kind)(kind);
        let empty = unset.label(texts, |rules| (texts.channel)(rules.channel(kind)).to_owned());
        view! { <Select name=kind.key() label choices=offered value=value empty=empty/> }
    });
    fields.collect_view()
}

/// The fields that apply to all kinds.
#[component]
fn Times(
    texts: &'static Texts,
    choices: Choices,
    of_business: bool,
    unset: Unset,
    zones: Vec<Choice>,
) -> impl IntoView {
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
    let jobs = (!of_business).then(|| {
        view! { <Select name="everyones" label=texts.jobs choices=everyones value=everyones_value empty=same_jobs help=texts.jobs_help/> }
    });
    view! {
        {jobs}
        <Select name="digest_hour" label=texts.summary choices=hours value=digest_hour empty=same_hour/>
        <Select name="quiet" label=texts.quiet choices=quiet.collect() value=quiet_value empty=same_quiet help=texts.quiet_help/>
        <Select name="urgent" label=texts.in_quiet choices=urgent value=yes(choices.urgent) empty=same_urgent/>
        <ZoneField name="timezone" label=texts.zone zones=zones value=timezone empty=same_zone/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Form;

    fn page(of_business: bool) -> String {
        of_agency(of_business, None)
    }

    fn of_agency(of_business: bool, agency: Option<Choices>) -> String {
        let owner = Owner::new();
        owner.with(|| {
            let form = view! {
                <Form action="/do/anything">
                    <NotificationSettings choices=Choices::default() of_business agency zones=Vec::new()/>
                </Form>
            };
            form.to_html()
        })
    }

    #[test]
    fn an_empty_choice_says_what_the_agency_chose() {
        let kinds = [(Kind::JobFinished, Channel::Off)].into();
        let agency = Choices { kinds, digest_hour: Some(17), everyones: Some(true), ..Choices::default() };
        let page = of_agency(false, Some(agency));
        for words in ["Off", "5 PM", "What anyone started", "None", "America/New_York"] {
            assert!(page.contains(&format!("Same as agency: {words}")), "{words}: {page}");
        }
        let usual = Kind::JobFailed.usual().words();
        assert!(page.contains(&format!("Same as agency: {usual}")), "{page}");
    }

    #[test]
    fn nobody_without_an_agency_reads_of_one() {
        let owner = Owner::new();
        let page = owner.with(|| {
            let agency: Option<Choices> = None;
            let form = view! {
                <Form action="/do/anything">
                    <NotificationSettings choices=Choices::default() agency no_agency=true zones=Vec::new()/>
                </Form>
            };
            form.to_html()
        });
        assert!(page.contains("Default: ") && !page.contains("Same as"), "{page}");
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
        assert!(!page(true).contains("Same as"));
    }
}
