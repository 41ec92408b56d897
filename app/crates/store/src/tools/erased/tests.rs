//! Is a contact found wherever a program names it, and is nobody and no word of everyday taken for it?

use serde_json::{Value, json};

use super::names::Names;
use crate::messaging::erasing::Named;

const ID: &str = "018f0000-0000-7000-8000-0000000000aa";

fn ana() -> Names {
    Names::of(&Named {
        ids: vec![ID.to_owned(), "13055550142".to_owned(), "17841400000000001".to_owned()],
        emails: vec!["Ana.Diaz@example.com".to_owned()],
        phones: vec!["+13055550142".to_owned()],
        names: vec!["Ana Diaz \u{1f338}".to_owned()],
        usernames: vec!["ana.diaz_7".to_owned()],
    })
}

/// A contact of whom nothing but the name is known.
fn only(name: &str) -> Names {
    Names::of(&Named { names: vec![name.to_owned()], ..Named::default() })
}

/// Whether the patterns find arguments.
fn may(names: &Names, arguments: &Value) -> bool {
    let text = arguments.to_string().to_lowercase();
    names.patterns().iter().any(|pattern| is_like(&text, &pattern.to_lowercase()))
}

/// What the database says of a text and a pattern in which nothing but `%` stands for something else.
fn is_like(text: &str, pattern: &str) -> bool {
    let (bare, mut rest) = (pattern.replace('\\', ""), text);
    bare.split('%').all(|part| {
        let found = rest.split_once(part);
        rest = found.map_or("", |(_, behind)| behind);
        found.is_some()
    })
}

#[track_caller]
fn finds(names: &Names, arguments: &Value) {
    assert!(names.said(arguments, ""), "{arguments} names {names:?}");
    assert!(may(names, arguments), "the patterns do not find {arguments}: {:?}", names.patterns());
}

#[test]
fn what_identifies_a_person_is_found_wherever_it_stands() {
    for arguments in [
        json!({ "contact": ID }),
        json!({ "contact": ID.to_uppercase() }),
        json!({ "all": [{ "of": [ID] }] }),
        json!({ ID: true }),
        json!({ "text": format!("See https://app.example/contacts/{ID}?from=mail.") }),
        json!({ "psid": 17_841_400_000_000_001_u64 }),
        json!({ "to": "+13055550142" }),
        json!({ "to": 13_055_550_142_u64 }),
        json!({ "text": "Call (305) 555-0142 today." }),
        json!({ "text": "+1 305.555.0142" }),
        json!({ "text": "Tel0013055550142" }),
        json!({ "+1 305 555 0142": 1 }),
        json!({ "email": "ANA.DIAZ@EXAMPLE.COM" }),
        json!({ "text": "Write to ana.diaz@example.com." }),
        json!({ "ana.diaz@example.com": { "tags": [] } }),
        json!({ "text": "She is @ana.diaz_7 on Instagram" }),
    ] {
        finds(&ana(), &arguments);
    }
}

#[test]
fn a_name_of_several_words_is_found_in_every_text_and_value() {
    for arguments in [
        json!({ "about": ["ANA DIAZ"] }),
        json!({ "text": "Tell Ana Diaz that her crown is ready." }),
        json!({ "text": "It is ana  diaz's." }),
        json!({ "text": "Diaz, Ana" }),
        json!({ "text": "for\nAna\nDiaz" }),
        json!({ "contact": { "first_name": "Ana", "lastName": "Diaz" } }),
        json!({ "owed": { "Ana Diaz": 80 } }),
    ] {
        finds(&ana(), &arguments);
        finds(&only("ana diaz"), &arguments);
    }
    for (name, text) in [
        ("Ana \"Any\" D_az", "Write to Ana \"Any\" D_az now"),
        ("\u{410}\u{43d}\u{430} \u{414}\u{438}\u{430}\u{441}", "\u{410}\u{41d}\u{410} \u{414}\u{418}\u{410}\u{421}."),
        ("O'Brien Mary", "Mary O'Brien asked"),
        ("\u{738b}\u{5c0f}\u{660e}", "\u{8bf7}\u{8054}\u{7cfb}\u{738b}\u{5c0f}\u{660e}\u{5148}\u{751f}"),
        ("Krishnamurthy", "Tell Krishnamurthy that it is ready."),
        ("ana@example.com", "mail ana@example.com"),
        ("+1 305 555 0142", "call 305 555 0142"),
    ] {
        finds(&only(name), &json!({ "text": text }));
        assert!(only(name).said(&json!({}), text), "{name} in what a person reads");
    }
}

#[test]
fn nobody_else_is_taken_for_the_contact() {
    for arguments in [
        json!({ "contact": "018f0000-0000-7000-8000-0000000000ab" }),
        json!({ "contact": format!("{ID}0") }),
        json!({ "to": "+13055550143" }),
        json!({ "to": "+130555501429" }),
        json!({ "to": "+4413055550142" }),
        json!({ "text": "555-0142", "count": 142 }),
        json!({ "name": "Ana Maria" }),
        json!({ "text": "Ana said that Ms Diaz pays." }),
        json!({ "name": "Mariana Diazson" }),
        json!({ "ana_diaz": 1 }),
    ] {
        assert!(!ana().said(&arguments, ""), "{arguments}");
    }
    let mail = Names::of(&Named { emails: vec!["ana.diaz@example.com".to_owned()], ..Named::default() });
    for email in
        ["xana.diaz@example.com", "jo+ana.diaz@example.com", "ana.diaz@example.com.mx", "ana.diaz@example.com-x"]
    {
        assert!(!mail.said(&json!({ "email": email }), email), "{email}");
    }
    assert!(Names::of(&Named::default()).is_empty() && only(" \u{1f338} ").is_empty());
}

#[test]
fn a_name_that_is_a_word_of_everyday_takes_nothing_of_others_along() {
    let hostile = [
        "content",
        "name",
        "Al",
        "open",
        "Contact",
        "conversation",
        "Assigned",
        "Heliotrope",
        "Thank you",
        "Write to",
        "First name",
        "a",
        "%",
        "10 30",
        "of a third-party server",
        "removed_with_contact",
    ];
    let shown = "Call demo_add of a third-party server with:\n+ \"content\": \"open\"\n+ \"name\": \"Welcome\"";
    for name in hostile {
        let named =
            Names::of(&Named { names: vec![name.to_owned()], usernames: vec![name.to_owned()], ..Named::default() });
        for arguments in [
            json!({ "content": "We open at ten.", "name": "Welcome", "open": true }),
            json!({ "conversation": "018f", "status": "open", "First name": "Bo", "state": "assigned" }),
            json!({ "text": "Thank you for your message. We write to you at 10 30, heliotrope and all.", "a": "a" }),
            json!({ "kind": "conversation", "of": "content", "al": ["Al dente"], "contact": {} }),
        ] {
            assert!(!named.said(&arguments, shown), "{name:?} in {arguments}");
        }
    }
}

#[test]
fn a_name_of_one_word_is_found_where_it_is_one() {
    for (name, arguments) in [
        ("Al", json!({ "name": "al" })),
        ("content", json!({ "customer_name": "Content" })),
        ("open", json!({ "to": "open" })),
        ("Thank you", json!({ "recipients": [{ "fullName": "THANK YOU" }] })),
        ("Krishnamurthy", json!({ "lastName": "KRISHNAMURTHY" })),
    ] {
        finds(&only(name), &arguments);
    }
    let named = Names::of(&Named { usernames: vec!["heliotrope".to_owned()], ..Named::default() });
    for arguments in [
        json!({ "text": "Ask @heliotrope." }),
        json!({ "text": "https://www.instagram.com/heliotrope" }),
        json!({ "username": "@Heliotrope" }),
    ] {
        finds(&named, &arguments);
    }
    for arguments in [json!({ "text": "ada@heliotrope.example" }), json!({ "text": "@heliotropes are flowers" })] {
        assert!(!named.said(&arguments, ""), "{arguments}");
    }
}

#[test]
fn the_patterns_find_a_name_also_where_the_database_knows_only_latin_capitals() {
    let names = only("\u{410}\u{43d}\u{430} \u{414}\u{438}\u{430}\u{441}");
    for text in [
        "\u{430}\u{43d}\u{430} \u{434}\u{438}\u{430}\u{441}",
        "\u{410}\u{43d}\u{430} \u{414}\u{438}\u{430}\u{441}",
        "\u{410}\u{41d}\u{410} \u{414}\u{418}\u{410}\u{421}",
    ] {
        let found = names.patterns().iter().any(|pattern| is_like(text, &pattern.to_ascii_lowercase()));
        assert!(found, "{text}: {:?}", names.patterns());
    }
}

#[test]
fn no_pattern_stands_twice() {
    let mut patterns = ana().patterns();
    let count = patterns.len();
    patterns.dedup();
    assert_eq!(patterns.len(), count, "{patterns:?}");
}
