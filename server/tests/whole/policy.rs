//! Compares the policy with `tests/whole/policy.txt`: each endpoint with what it needs and the built-in roles that pass.
//! If that file changes, somebody may do more or less than before: review it.
//! After an intended change, delete the file and run the test. It writes the file again and fails once.

use std::fmt::Write;
use std::path::Path;

use domain::feature::{FEATURES, Method};
use domain::identity::Role;
use domain::permission::{Needs, Right, allows};

/// What an endpoint needs and who passes.
fn shown(needs: Needs) -> String {
    let held = |level: &str, right: Right| {
        let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| allows(*role, right)).map(Role::key).collect();
        format!("{level} {}: {}", right.key(), roles.join(", "))
    };
    match needs {
        Needs::Nothing => "anybody".to_owned(),
        Needs::Proof => "a proof in the request".to_owned(),
        Needs::SignedIn => "whoever is signed in".to_owned(),
        Needs::PendingSecondFactor => "whoever still has to show a second factor".to_owned(),
        Needs::SecondFactorSetup => "whoever is signed in or has to set up a second factor first".to_owned(),
        Needs::Platform(right) => held("platform", right),
        Needs::Agency(right) => held("agency", right),
        Needs::Business(right) => held("business", right),
        Needs::Token(scope) => format!("a token with {scope}"),
    }
}

/// The whole policy, feature by feature.
fn policy() -> String {
    let mut text = String::new();
    for feature in FEATURES {
        writeln!(text, "# {}", feature.key).unwrap();
        for page in feature.pages {
            writeln!(text, "page {} | {}", page.path, shown(page.needs)).unwrap();
        }
        for operation in feature.operations {
            writeln!(text, "operation {} | {}", operation.name, shown(operation.needs)).unwrap();
        }
        for route in feature.routes {
            let methods: Vec<&str> = route.calls.iter().map(|call| Method::key(call.method)).collect();
            writeln!(text, "{} {} | {}", methods.join(" "), route.path, shown(route.needs)).unwrap();
        }
        for scope in feature.scopes {
            writeln!(text, "scope {} | lent with {}", scope.name, scope.right.key()).unwrap();
        }
    }
    text
}

/// The lines that only one of two texts has: `-` before, `+` now.
fn difference(before: &str, now: &str) -> String {
    let only = |sign: char, of: &str, other: &str| {
        let lines = of.lines().filter(|line| !other.lines().any(|one| one == *line));
        lines.map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    format!("{}{}", only('-', before, now), only('+', now, before))
}

#[test]
fn the_policy_is_what_its_snapshot_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/whole/policy.txt");
    let now = policy();
    let Ok(before) = std::fs::read_to_string(&file) else {
        std::fs::write(&file, now).unwrap();
        panic!("there was no snapshot of the policy; it has been written, read it");
    };
    assert!(
        now == before,
        "the policy is not the one in server/tests/whole/policy.txt (if all lines are there, their order is new):\n{}\
         If this is meant, delete the file and run this test again: it writes it.",
        difference(&before, &now)
    );
}

#[test]
fn a_difference_names_what_came_and_what_went() {
    assert_eq!(difference("a\nb\n", "b\nc\n"), "- a\n+ c\n");
    assert_eq!(difference("a\n", "a\n"), "");
}
