//! Tests of languages: the tag, the header and the country that choose one, and dates.

use chrono::DateTime;

use super::{Language, capitalised};

#[test]
fn a_tag_names_a_language_whatever_its_region() {
    for language in Language::ALL {
        assert_eq!(Language::parse(language.key()), Some(language));
        assert_eq!(serde_json::to_value(language).unwrap(), language.key());
    }
    for (tag, language) in [
        ("es-MX", Some(Language::Spanish)),
        ("ES_419", Some(Language::Spanish)),
        (" en-US ", Some(Language::English)),
        ("de", None),
        ("", None),
        ("est", None),
        ("<es>", None),
    ] {
        assert_eq!(Language::parse(tag), language, "{tag}");
    }
}

#[test]
fn the_header_of_a_browser_is_answered_with_what_it_wants_most() {
    for (header, language) in [
        ("es-MX,es;q=0.9,en;q=0.8", Some(Language::Spanish)),
        ("de,en;q=0.5,es;q=0.7", Some(Language::Spanish)),
        ("en-US,en;q=0.9,es;q=0.8", Some(Language::English)),
        ("es, en", Some(Language::Spanish)),
        ("es;q=0, en;q=0.1", Some(Language::English)),
        ("es;q=x", None),
        ("fr", None),
        ("*", None),
        ("", None),
    ] {
        assert_eq!(Language::accepted(header), language, "{header}");
    }
}

#[test]
fn a_country_has_a_language() {
    for (code, language) in [
        ("MX", Language::Spanish),
        ("co", Language::Spanish),
        ("US", Language::English),
        ("BR", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of_country(code), language, "{code}");
    }
}

#[test]
fn each_language_writes_a_day_in_its_own_way() {
    let day = DateTime::from_timestamp(1_792_713_600, 0).unwrap();
    assert_eq!(Language::English.date(day), "Oct 23, 2026");
    assert_eq!(Language::Spanish.date(day), "23 de octubre de 2026");
}

#[cfg(feature = "text")]
#[test]
fn a_moment_has_the_day_of_its_zone() {
    let late = DateTime::from_timestamp(1_792_713_600, 0).unwrap();
    for (zone, english) in [
        (chrono_tz::Tz::UTC, "Oct 23, 2026"),
        (chrono_tz::Tz::America__New_York, "Oct 22, 2026"),
        (chrono_tz::Tz::Asia__Tokyo, "Oct 23, 2026"),
    ] {
        assert_eq!(Language::English.date_in(zone, late), english, "{zone}");
    }
}

#[test]
fn what_was_chosen_for_a_business_comes_before_its_country() {
    for (chosen, country, language) in [
        (None, None, Language::English),
        (None, Some("MX"), Language::Spanish),
        (Some("en"), Some("MX"), Language::English),
        (Some("es"), Some("US"), Language::Spanish),
        (Some("es"), None, Language::Spanish),
        (Some("pt"), Some("MX"), Language::Spanish),
        (Some("<b>"), Some("US"), Language::English),
    ] {
        assert_eq!(Language::of_business(chosen, country), language, "{chosen:?} {country:?}");
    }
}

#[test]
fn of_two_the_language_takes_its_own() {
    let taken = Language::ALL.map(|language| *language.of(&"hello", &"hola"));
    assert_eq!(taken, ["hello", "hola"]);
}

#[test]
fn a_text_gets_its_capital_in_any_script() {
    for (text, expected) in
        [("an owner", "An owner"), ("\u{e1}rbol", "\u{c1}rbol"), ("Ada", "Ada"), ("1 row", "1 row"), ("", "")]
    {
        assert_eq!(capitalised(text), expected);
    }
}
