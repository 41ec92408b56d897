//! Web chat: visitors of a business's own web site write to it, and are answered in the inbox.

use super::{Audited, Feature, get, named, operation, post};
use crate::permission::Needs::{Business, Nothing, Proof};
use crate::permission::Right;

pub(super) const FEATURE: Feature = Feature {
    key: "webchat",
    operations: &[operation(
        "save_web_chat",
        Business(Right::ChannelsConnect),
        Audited::As("web_chat.changed"),
        &[("is_on", "on"), ("origins", "https://www.example.com"), ("greeting", "Hello! How can we help?")],
    )],
    routes: &[get("/chat/{key}", Nothing), post("/chat/{key}/exchange", Proof)],
    audit: &[named("web_chat.changed", "changed the web chat of {client} | changed the web chat")],
    ..Feature::EMPTY
};
