//! Which forms come back with what was typed, and is it text there? Each is sent with a text that tries to become markup.

use crate::markup::TEXTS;
use crate::stored_markup::{World, judge};

/// Checks forms that come back with what was typed, and the messages about an attempt.
pub async fn check(world: &World) {
    let (app, agency) = (&world.app, world.tenant.agency.to_string());
    let owner = world.people.iter().find(|(name, _)| *name == "owner").unwrap().1.as_deref().unwrap();
    let mut shown = 0;
    for (operation, page, names) in [
        (
            "start_job",
            "provisioning/new",
            &["/client/name", "/client/email", "/client/city", "/tags", "/custom_values/0/name"][..],
        ),
        ("invite_colleague", "team", &["email", "role"]),
        ("describe_snapshot", "snapshots", &["snapshot", "niche", "description"]),
        ("make_role", "team/roles", &["name", "rights[]"]),
        ("create_token", "tokens", &["name"]),
        ("add_phone_route", "phone-routes?new=1", &["/number", "/label", "/hours/mon/0/from"]),
        ("create_webhook", "webhooks?new=json", &["/url", "/description"]),
        ("rename_agency", "settings", &["name"]),
    ] {
        let mut form = vec![("agency", agency.clone())];
        form.extend(names.iter().map(|name| (*name, format!("{}{}", TEXTS[0], "x".repeat(300)))));
        let from = format!("/a/{agency}/{page}");
        app.post(operation, &serde_urlencoded::to_string(form).unwrap(), &from, owner).await;
        shown += usize::from(judge(&app.browse(&from, Some(owner)).await, operation));
    }
    assert!(shown > 4, "{shown} pages show what was typed");
}
