//! Tests which orders pass the check and which field each error names.

use super::*;

fn order() -> NewJob {
    NewJob {
        client: Client {
            name: " Bright Dental ".into(),
            email: "owner@brightdental.example".into(),
            phone: "+1 (305) 555-0100".into(),
            website: "brightdental.example".into(),
            country: "us".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        ..NewJob::default()
    }
}

fn pointers(job: &NewJob) -> Vec<String> {
    job.check().unwrap_err().into_iter().map(|error| error.pointer).collect()
}

#[test]
fn a_sound_order_passes_in_one_spelling() {
    let checked = order().check().unwrap();
    assert_eq!(checked.client.name, "Bright Dental");
    assert_eq!(checked.client.phone, "+13055550100");
    assert_eq!(checked.client.website, "https://brightdental.example");
    assert_eq!(checked.client.country, "US");
    assert_eq!(checked.clone().into_inner().check().unwrap(), checked, "checking twice changes nothing");
}

#[test]
fn a_number_written_as_at_home_is_taken_where_the_country_makes_it_certain() {
    let phone = |number: &str, country: &str| {
        let mut job = order();
        job.client = Client { phone: number.into(), country: country.into(), ..job.client };
        job.check().map(|checked| checked.client.phone.clone()).ok()
    };
    for typed in ["(305) 555-0100", "305.555.0100", "1 305 555 0100", "+1 305 555 0100"] {
        assert_eq!(phone(typed, "us").as_deref(), Some("+13055550100"), "{typed}");
    }
    assert_eq!(phone("(416) 555-0100", "CA").as_deref(), Some("+14165550100"));
    assert_eq!(phone("030 1234567", "DE").as_deref(), Some("+49301234567"));
    for (typed, country) in [("3055550100", "DE"), ("0305550100", "US"), ("3051550100", "US")] {
        assert_eq!(phone(typed, country), None, "{typed} in {country}");
    }
}

#[test]
fn an_empty_order_names_every_required_field_at_once() {
    let found = pointers(&NewJob::default());
    assert_eq!(found, ["/client/name", "/client/country", "/client/timezone", "/client/email"]);
}

#[test]
fn e_mail_or_phone_is_enough() {
    let mut job = order();
    job.client.email.clear();
    job.check().unwrap();
    job.invite_owner = true;
    assert_eq!(pointers(&job), ["/client/email"]);
}

#[test]
fn each_field_refuses_what_it_cannot_be() {
    type Break = fn(&mut Client);
    let cases: &[(&str, Break)] = &[
        ("/client/email", |c| c.email = "owner@localhost".into()),
        ("/client/email", |c| c.email = "a b@x.example".into()),
        ("/client/email", |c| c.email = "a..b@x.example".into()),
        ("/client/email", |c| c.email = "@x.example".into()),
        ("/client/email", |c| c.email = "a@x..example".into()),
        ("/client/email", |c| c.email = "a@-x.example".into()),
        ("/client/email", |c| c.email = format!("{}@x.example", "a".repeat(65))),
        ("/client/phone", |c| c.phone = "305555010".into()),
        ("/client/phone", |c| c.phone = "+0305555010".into()),
        ("/client/phone", |c| c.phone = "+12".into()),
        ("/client/phone", |c| c.phone = "+1234567890123456".into()),
        ("/client/phone", |c| c.phone = "+1305call00".into()),
        ("/client/website", |c| c.website = "javascript://alert(1)".into()),
        ("/client/website", |c| c.website = "https://user:pw@x.example".into()),
        ("/client/website", |c| c.website = "https://localhost".into()),
        ("/client/website", |c| c.website = "https://127.0.0.1/".into()),
        ("/client/country", |c| c.country = "ZZ".into()),
        ("/client/country", |c| c.country = "USA".into()),
        ("/client/timezone", |c| c.timezone = "EST5".into()),
        ("/client/name", |c| c.name = "x".repeat(201)),
        ("/client/name", |c| c.name = " \t ".into()),
        ("/client/name", |c| c.name = "\u{200b}\u{2060}\u{3164}".into()),
        ("/client/phone", |c| c.phone = "+1 305 555 0100 ext. 5".into()),
    ];
    for (pointer, break_it) in cases {
        let mut job = order();
        break_it(&mut job.client);
        assert_eq!(pointers(&job), [*pointer], "{:?}", job.client);
    }
}

#[test]
fn markup_and_foreign_scripts_are_names_like_any_other() {
    for name in ["<script>alert(1)</script>", "'; drop table users; --", "Łódź Café 東京", "O'Neill & Søn"] {
        let mut job = order();
        job.client.name = name.into();
        assert_eq!(job.check().unwrap().client.name, name);
    }
}

#[test]
fn whatever_was_pasted_every_field_is_clean_and_none_speaks_of_what_cannot_be_seen() {
    let pasted = |text: &str| format!("\u{202d}\u{feff}{text}\u{200b}\u{202c}\u{ad} ");
    let mut job = order();
    job.client = Client {
        name: pasted("Cafe\u{301} Dental"),
        email: pasted("ana@x.example"),
        phone: pasted("+44\u{202f}(0)20\u{2011}7946\u{a0}0958"),
        first_name: pasted("Ana"),
        last_name: pasted("Lee"),
        website: pasted("x.example"),
        address: pasted("4 Fleet St"),
        city: pasted("Miami"),
        state: pasted("FL"),
        postal_code: pasted("33101"),
        country: pasted("us"),
        timezone: pasted("America/New_York"),
    };
    job.users = vec![NewUser {
        first_name: pasted("Ana"),
        last_name: pasted("Lee"),
        email: pasted("ana@x.example"),
        ..NewUser::default()
    }];
    job.custom_values = BTreeMap::from([(pasted("Booking link"), pasted("one\r\ntwo"))]);
    job.tags = vec![pasted("VIP")];
    let clean = job.check().unwrap();
    assert_eq!((clean.client.name.as_str(), clean.client.phone.as_str()), ("Café Dental", "+442079460958"));
    assert_eq!((clean.client.email.as_str(), clean.client.country.as_str()), ("ana@x.example", "US"));
    assert_eq!(clean.custom_values["Booking link"], "one\ntwo");
    let kept = clean.to_stored().to_string();
    assert!(!kept.chars().any(|c| matches!(c, '\u{ad}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{feff}')), "{kept}");
    assert_eq!(clean.clone().into_inner().check().unwrap(), clean, "checking twice changes nothing");
}

#[test]
fn a_value_named_twice_in_two_spellings_is_named_twice() {
    let mut job = order();
    job.custom_values =
        BTreeMap::from([("Prix\u{e9}".into(), "x".into()), ("PRIXe\u{301}\u{200b}".into(), "y".into())]);
    assert_eq!(pointers(&job).len(), 1);
}

#[test]
fn people_need_names_and_an_e_mail_of_their_own() {
    let mut job = order();
    let ana = NewUser {
        first_name: "Ana".into(),
        last_name: "Lee".into(),
        email: "ana@x.example".into(),
        ..NewUser::default()
    };
    job.users = vec![ana.clone(), NewUser { email: "ANA@x.example".into(), ..ana.clone() }, NewUser::default()];
    assert_eq!(pointers(&job), ["/users/1/email", "/users/2/email", "/users/2/first_name", "/users/2/last_name"]);
    job.users = vec![ana; limits::USERS + 1];
    assert_eq!(pointers(&job), ["/users"]);
}

#[test]
fn two_names_of_one_key_are_named_both() {
    let mut job = order();
    job.custom_values = BTreeMap::from([("Prix".into(), "1".into()), ("prix!".into(), "2".into())]);
    let errors = job.check().unwrap_err();
    assert!(errors[0].detail.contains("Prix") && errors[0].detail.contains("prix!"), "{errors:?}");
}

#[test]
fn custom_values_point_at_their_name_escaped() {
    let mut job = order();
    job.custom_values = BTreeMap::from([
        ("a/b~c".into(), String::new()),
        ("Booking Link".into(), "x".into()),
        ("booking_link".into(), "y".into()),
    ]);
    assert_eq!(pointers(&job), ["/custom_values/a~1b~0c", "/custom_values/booking_link"]);
}

#[test]
fn tags_are_lower_cased_and_named_once() {
    let mut job = order();
    job.tags = vec![" VIP ".into(), "vip".into(), String::new(), "New".into()];
    assert_eq!(job.check().unwrap().tags, ["vip", "new"]);
}
