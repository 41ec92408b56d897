//! What is ordered in the laws.

use domain::provisioning::{Client, NewJob, NewUser, UserRole};

use super::Stage;

/// An order that uses every step.
pub fn full_order(stage: &Stage, name: &str) -> NewJob {
    let word = name.to_lowercase().replace(' ', "-");
    NewJob {
        client: Client {
            name: name.into(),
            email: format!("owner@{word}.example"),
            phone: "+13055550100".into(),
            first_name: "Ana".into(),
            last_name: "Lee".into(),
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        snapshot_id: Some(stage.snapshot),
        users: vec![NewUser {
            first_name: "Tess".into(),
            last_name: "Lee".into(),
            email: format!("tess@{word}.example"),
            role: UserRole::Admin,
        }],
        custom_values: [("Booking link".to_owned(), "https://book.example".to_owned())].into(),
        tags: vec!["vip".into()],
        invite_owner: true,
    }
}

/// The smallest order.
pub fn small_order(name: &str) -> NewJob {
    NewJob {
        client: Client {
            name: name.into(),
            phone: "+13055550100".into(),
            country: "US".into(),
            timezone: "America/New_York".into(),
            ..Client::default()
        },
        ..NewJob::default()
    }
}
