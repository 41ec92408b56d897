//! Which pages and Instagram accounts can a person connect, and which apps receive what arrives there?

use secrecy::SecretString;
use serde::Deserialize;

use crate::client::{Call, Meta, Parts, Result};
use crate::ops::{BUSINESSES, CLIENT_PAGES, OWNED_PAGES, PAGES, SUBSCRIBE, SUBSCRIPTIONS, UNSUBSCRIBE};
use crate::page_of::PageOf;
use crate::tolerant::{id, list, object, text, texts, word};

/// A Facebook page.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// Its id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// Its own token; `None` if the person may not act for the page.
    #[serde(default, rename = "access_token", deserialize_with = "object")]
    pub token: Option<SecretString>,
    /// What it is about, in Meta's words.
    #[serde(default, deserialize_with = "text")]
    pub category: Option<String>,
    /// What the person may do for it, such as `MESSAGING`.
    #[serde(default, deserialize_with = "texts")]
    pub tasks: Vec<String>,
    /// The Instagram account linked to it. `None` if there is none, it is not a professional one, or it does not allow
    /// access to its messages.
    #[serde(default, rename = "instagram_business_account", deserialize_with = "object")]
    pub instagram: Option<LinkedInstagram>,
    #[serde(default, deserialize_with = "object")]
    picture: Option<Picture>,
}

/// An Instagram account that is linked to a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LinkedInstagram {
    /// Its id, as webhooks name it.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its user name.
    #[serde(default, deserialize_with = "text")]
    pub username: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// Address of its picture, which expires.
    #[serde(default, rename = "profile_picture_url", deserialize_with = "text")]
    pub picture: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Picture {
    #[serde(default, deserialize_with = "object")]
    data: Option<PictureAddress>,
}

#[derive(Clone, Debug, Deserialize)]
struct PictureAddress {
    #[serde(default, deserialize_with = "text")]
    url: Option<String>,
}

impl Page {
    /// Whether messages can be sent for the page: the person may, and its token is there. Pages of a portfolio come
    /// without a list of tasks.
    #[must_use]
    pub fn can_message(&self) -> bool {
        self.token.is_some() && (self.tasks.is_empty() || self.tasks.iter().any(|task| task == "MESSAGING"))
    }

    /// Address of its picture, which expires.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.picture.as_ref()?.data.as_ref()?.url.as_deref()
    }
}

/// A business portfolio.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Portfolio {
    /// Its id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
}

/// An app that receives what arrives at an asset.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// The app's id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The app's name.
    #[serde(default, deserialize_with = "word")]
    pub name: String,
    /// What it receives.
    #[serde(default, rename = "subscribed_fields", deserialize_with = "texts")]
    pub fields: Vec<String>,
}

const PAGE_FIELDS: (&str, &str) = (
    "fields",
    "id,name,access_token,category,tasks,picture,instagram_business_account{id,username,name,profile_picture_url}",
);

/// What we receive from a page (Meta, pages).
pub const SUBSCRIBED: &[&str] = &[
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "standby",
    "messaging_policy_enforcement",
];

/// One page of the list of pages that a person can use, from a cursor on.
///
/// # Errors
/// As of any call.
pub async fn some_pages(meta: &Meta, call: Call<'_>, after: Option<&str>) -> Result<PageOf<Page>> {
    meta.page(&PAGES, call, Parts { query: &[PAGE_FIELDS], ..Parts::default() }, after).await
}

/// Every page that a person can use and that is their own. Those of portfolios may be missing, see [`portfolio_pages`].
///
/// # Errors
/// As of any call.
pub async fn pages(meta: &Meta, call: Call<'_>) -> Result<Vec<Page>> {
    meta.every(&PAGES, call, &[], &[PAGE_FIELDS]).await
}

/// The portfolios of a person; needs the permission `business_management`.
///
/// # Errors
/// As of any call.
pub async fn portfolios(meta: &Meta, call: Call<'_>) -> Result<Vec<Portfolio>> {
    meta.every(&BUSINESSES, call, &[], &[("fields", "id,name")]).await
}

/// The pages that a portfolio owns or that clients share with it.
///
/// # Errors
/// As of any call.
pub async fn portfolio_pages(meta: &Meta, call: Call<'_>, portfolio: &str) -> Result<Vec<Page>> {
    let mut pages: Vec<Page> = meta.every(&OWNED_PAGES, call, &[portfolio], &[PAGE_FIELDS]).await?;
    let shared: Vec<Page> = meta.every(&CLIENT_PAGES, call, &[portfolio], &[PAGE_FIELDS]).await?;
    for page in shared {
        if !pages.iter().any(|known| known.id == page.id) {
            pages.push(page);
        }
    }
    Ok(pages)
}

/// Asks Meta to send us what arrives at a page and at the Instagram account linked to it. Needs the page's token.
///
/// # Errors
/// As of any call.
pub async fn subscribe(meta: &Meta, call: Call<'_>, page: &str) -> Result<()> {
    subscribe_to(meta, call, page, SUBSCRIBED).await
}

/// Ends [`subscribe`] for our app. Repeating it changes nothing.
///
/// # Errors
/// As of any call.
pub async fn unsubscribe(meta: &Meta, call: Call<'_>, page: &str) -> Result<()> {
    meta.act(&UNSUBSCRIBE, call, Parts { ids: &[page], ..Parts::default() }).await
}

/// The apps that receive what arrives at a page.
///
/// # Errors
/// As of any call.
pub async fn subscriptions(meta: &Meta, call: Call<'_>, page: &str) -> Result<Vec<Subscription>> {
    let answer: Subscriptions = meta.call(&SUBSCRIPTIONS, call, Parts { ids: &[page], ..Parts::default() }).await?;
    Ok(answer.data)
}

pub(crate) async fn subscribe_to(meta: &Meta, call: Call<'_>, asset: &str, fields: &[&str]) -> Result<()> {
    let fields = fields.join(",");
    let query = [("subscribed_fields", fields.as_str())];
    meta.act(&SUBSCRIBE, call, Parts { ids: &[asset], query: &query, body: None }).await
}

#[derive(Deserialize)]
struct Subscriptions {
    #[serde(default, deserialize_with = "list")]
    data: Vec<Subscription>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Page {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_page_needs_its_token_and_the_task() {
        let cases = [
            (r#"{"id":"1","access_token":"EAA","tasks":["ANALYZE","MESSAGING"]}"#, true),
            (r#"{"id":1,"access_token":"EAA"}"#, true),
            (r#"{"id":"1","access_token":"EAA","tasks":["ANALYZE"]}"#, false),
            (r#"{"id":"1","tasks":["MESSAGING"]}"#, false),
            (r#"{"id":"1","access_token":null,"name":null,"picture":7,"instagram_business_account":"x"}"#, false),
        ];
        for (json, can) in cases {
            assert_eq!(read(json).can_message(), can, "{json}");
        }
        assert!(!format!("{:?}", read(cases[0].0)).contains("EAA"));
        assert!(serde_json::from_str::<Page>(r#"{"name":"no id"}"#).is_err());
    }

    #[test]
    fn the_picture_and_the_linked_account_are_found() {
        let page = read(
            r#"{"id":"1","picture":{"data":{"url":"https://x/p.jpg"}},"instagram_business_account":{"id":17841400000000001,"username":"bikes"}}"#,
        );
        assert_eq!(page.picture(), Some("https://x/p.jpg"));
        let instagram = page.instagram.unwrap();
        assert_eq!((instagram.id.as_str(), instagram.username.as_deref()), ("17841400000000001", Some("bikes")));
    }
}
