//! What does each sample say? `fixtures/expected.txt` has a line for each item: time, key, and what it says.

use domain::messaging::inbound::What;

use super::{line, others, read, webhooks};

#[test]
fn every_sample_says_what_is_expected() {
    let mut said = String::new();
    for (name, body) in webhooks() {
        said.push_str(&format!("{name}\n"));
        for item in read(body.as_bytes()).unwrap() {
            said.push_str(&format!("  {}\n", line(&item)));
        }
    }
    let expected = include_str!("../../fixtures/expected.txt");
    let different = said.lines().zip(expected.lines()).find(|(said, expected)| said != expected);
    assert_eq!(different, None, "the first line that differs");
    assert_eq!(said.lines().count(), expected.lines().count());
}

#[test]
fn every_other_json_of_the_platform_is_one_item_that_says_so() {
    for (name, body) in others() {
        let items = read(body.as_bytes()).unwrap();
        assert!(matches!(items.as_slice(), [item] if matches!(item.what, What::Unreadable(_))), "{name}");
    }
}
