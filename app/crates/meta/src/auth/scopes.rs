//! Which permissions does each way of connecting ask for, and what is each needed for?

use super::Way;

/// A permission of Meta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Meta's name.
    pub name: &'static str,
    /// What it is needed for; completes "needed to …".
    pub purpose: &'static str,
    /// Whether the channel cannot work without it.
    pub required: bool,
}

const fn required(name: &'static str, purpose: &'static str) -> Scope {
    Scope { name, purpose, required: true }
}

const fn useful(name: &'static str, purpose: &'static str) -> Scope {
    Scope { name, purpose, required: false }
}

const PORTFOLIO: Scope = useful("business_management", "find what belongs to a business portfolio");
const LIST: Scope = required("pages_show_list", "list your pages");
const METADATA: Scope = required("pages_manage_metadata", "receive the messages of the page");
const MESSAGING: Scope = required("pages_messaging", "send and receive messages of the page");

const WHATSAPP: &[Scope] = &[
    required("whatsapp_business_management", "read your numbers and templates and receive messages"),
    required("whatsapp_business_messaging", "send messages and files"),
    PORTFOLIO,
];
const FACEBOOK: &[Scope] =
    &[MESSAGING, METADATA, LIST, useful("pages_read_engagement", "read the name and picture of the page"), PORTFOLIO];
const INSTAGRAM_BY_PAGE: &[Scope] = &[
    required("instagram_basic", "read your Instagram account"),
    required("instagram_manage_messages", "send and receive messages on Instagram"),
    METADATA,
    LIST,
    MESSAGING,
    PORTFOLIO,
];
const INSTAGRAM_LOGIN: &[Scope] = &[
    required("instagram_business_basic", "read your Instagram account"),
    required("instagram_business_manage_messages", "send and receive messages on Instagram"),
];

/// The permissions that are asked for (Meta, connect).
#[must_use]
pub const fn scopes(way: Way) -> &'static [Scope] {
    match way {
        Way::Whatsapp => WHATSAPP,
        Way::Facebook => FACEBOOK,
        Way::InstagramByPage => INSTAGRAM_BY_PAGE,
        Way::InstagramLogin => INSTAGRAM_LOGIN,
    }
}

/// The required permissions that are not among the granted ones: what to ask for again.
pub fn missing<'a>(way: Way, granted: impl IntoIterator<Item = &'a str>) -> Vec<&'static Scope> {
    let granted: Vec<_> = granted.into_iter().collect();
    scopes(way).iter().filter(|scope| scope.required && !granted.contains(&scope.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_missing_when_all_required_are_granted_and_each_other_is_named() {
        for way in Way::ALL {
            let all: Vec<_> = scopes(way).iter().filter(|scope| scope.required).map(|scope| scope.name).collect();
            assert!(missing(way, all.iter().copied()).is_empty());
            for left_out in &all {
                let found = missing(way, all.iter().copied().filter(|name| name != left_out));
                assert_eq!(found.iter().map(|scope| scope.name).collect::<Vec<_>>(), [*left_out]);
            }
            assert_eq!(missing(way, []).len(), all.len());
        }
    }
}
