//! What can a person do with AI tools? Connect and end agents, say what they may do, stop them all, and decide on what they
//! ask for.

use std::collections::BTreeMap;

use domain::tools::{ApprovedFor, Limits, MOST_A_DAY, money};
use domain::{ApiTokenId, ToolApprovalId};
use leptos::prelude::*;
use operations::BusinessActor;
use operations::tokens::Lifetime;
use operations::tools::tokens::{self, NewAgent};
use operations::tools::{approval, budget, kill, policy};
use secrecy::ExposeSecret;
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;
use web::shown_once::show_once;

use super::policy_groups::chosen;
use super::texts::{Texts, texts};

/// Names the secret that the next page shows.
pub(super) const NEW_TOKEN: &str = "new_tool_token";

/// The texts in the language of the person.
fn words(context: &ServerContext) -> &'static Texts {
    texts(context.request.language)
}

/// Leads to a place of AI tools.
fn lead_to(context: &ServerContext, path: &str) -> Result<()> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    leptos_axum::redirect(&format!("/b/{}/ai-tools{path}", place.id));
    Ok(())
}

/// Connects an agent: makes its token, whose value is shown once, on the next page. Posting the same form twice makes one.
#[server(prefix = "/do", endpoint = "create_tool_token")]
pub async fn create_tool_token(
    name: String,
    #[server(default)] lifetime: String,
    #[server(default)] once: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let once =
        once.filter(|once| (8..=64).contains(&once.len())).unwrap_or_else(|| store::new_id::<uuid::Uuid>().to_string());
    run_to_end(create_and_keep(context.clone(), actor, (name, once), Lifetime::parse(&lifetime).unwrap_or_default()))
        .await?;
    lead_to(&context, "#connect")
}

/// Runs the work even if its request is gone: if a person presses twice, the browser drops the first request and shows
/// the page of the second.
#[expect(clippy::disallowed_methods, reason = "a token whose value is never shown would be worth nothing")]
async fn run_to_end(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    let done = tokio::spawn(store::audit::within(store::audit::current(), work)).await;
    done.map_err(web::internal_error)?
}

/// Makes the token, and keeps its value for the next page. `once` is the key of the page that was shown.
async fn create_and_keep(
    context: ServerContext,
    actor: BusinessActor,
    (name, once): (String, String),
    lifetime: Lifetime,
) -> Result<()> {
    let agent = NewAgent { name: &name, lifetime, now: now() };
    let Some(secret) = tokens::create_once(&actor, &agent, &once).await? else { return Ok(()) };
    show_once(&context, context.caller()?.user, NEW_TOKEN, secret.expose_secret()).await?;
    Ok(context.session.save().await?)
}

/// Ends an agent at once.
#[server(prefix = "/do", endpoint = "revoke_tool_token")]
pub async fn revoke_tool_token(token: ApiTokenId) -> Result<()> {
    let context = server_context()?;
    tokens::revoke(&context.business_actor()?, token).await?;
    flash_notice(&context, "revoke_tool_token", words(&context).told_disconnected).await?;
    lead_to(&context, "")
}

/// Saves what an agent may do with each tool. The form has a field for each tool, named as it, and one for each group of them.
#[server(prefix = "/do", endpoint = "save_tool_policies")]
pub async fn save_tool_policies(token: ApiTokenId, #[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    policy::save(&context.business_actor()?, token, &chosen(&fields)).await?;
    flash_notice(&context, "save_tool_policies", words(&context).told_policies).await?;
    lead_to(&context, &format!("/{token}"))
}

/// Saves how much an agent may do in a day. An amount without a field, as in a page that is older than the field, stays as it
/// is; one whose field is empty goes. An argument of its own would not tell the two apart.
#[server(prefix = "/do", endpoint = "save_tool_budget")]
pub async fn save_tool_budget(
    token: ApiTokenId,
    #[server(default)] calls: String,
    #[server(default)] writes: String,
    #[server(flatten)] amounts: BTreeMap<String, String>,
) -> Result<()> {
    let context = server_context()?;
    let words = words(&context);
    let (calls, writes) = (count("calls", &calls, words)?, count("writes", &writes, words)?);
    let typed = |field: &str| amounts.get(field).map_or("", String::as_str);
    let money = amount("money", typed("money"), words)?;
    let price = amount("price", typed("price"), words)?.unwrap_or(0);
    let (has_money, has_price) = (amounts.contains_key("money"), amounts.contains_key("price"));
    if has_price && (Limits { calls, writes, money, price }).lacks_price() {
        return Err(Error::field("price", words.price_missing));
    }
    let change = |known: Limits| Limits {
        calls,
        writes,
        money: if has_money { money } else { known.money },
        price: if has_price { price } else { known.price },
    };
    budget::change(&context.business_actor()?, token, change).await?;
    flash_notice(&context, "save_tool_budget", words.told_budget).await?;
    lead_to(&context, &format!("/{token}"))
}

/// A typed number of calls in a day.
fn count(field: &str, typed: &str, words: &Texts) -> Result<i32> {
    let digits: String = typed.chars().filter(|one| !one.is_whitespace() && !matches!(one, ',' | '.')).collect();
    let known = digits.parse::<i32>().ok().filter(|count| (0..=MOST_A_DAY).contains(count));
    known.ok_or_else(|| Error::field(field, words.bad_count))
}

/// A typed amount of money in millionths; `None` if nothing is typed.
fn amount(field: &str, typed: &str, words: &Texts) -> Result<Option<i64>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    money::read(typed).map(Some).ok_or_else(|| Error::field(field, words.bad_amount))
}

/// Stops every agent of the business.
#[server(prefix = "/do", endpoint = "stop_tools")]
pub async fn stop_tools() -> Result<()> {
    let context = server_context()?;
    kill::stop(&context.business_actor()?).await?;
    flash_notice(&context, "stop_tools", words(&context).told_stopped).await
}

/// Lets the agents of the business run again.
#[server(prefix = "/do", endpoint = "resume_tools")]
pub async fn resume_tools() -> Result<()> {
    let context = server_context()?;
    kill::resume(&context.business_actor()?).await?;
    flash_notice(&context, "resume_tools", words(&context).told_resumed).await
}

/// Approves a call that waits. To approve all further ones as well takes a fresh proof of identity.
#[server(prefix = "/do", endpoint = "approve_tool_call")]
pub async fn approve_tool_call(approval: ToolApprovalId, how: String) -> Result<()> {
    let context = server_context()?;
    let how = ApprovedFor::parse(&how).ok_or(Error::NotFound)?;
    if how == ApprovedFor::Always {
        context.recent()?;
    }
    approval::approve(&context.business_actor()?, approval, how, now()).await?;
    flash_notice(&context, "approve_tool_call", (words(&context).told_approved)(how)).await?;
    lead_to(&context, "/approvals")
}

/// Rejects a call that waits.
#[server(prefix = "/do", endpoint = "reject_tool_call")]
pub async fn reject_tool_call(approval: ToolApprovalId, #[server(default)] reason: String) -> Result<()> {
    let context = server_context()?;
    approval::reject(&context.business_actor()?, approval, &reason, now()).await?;
    flash_notice(&context, "reject_tool_call", words(&context).told_rejected).await?;
    lead_to(&context, "/approvals")
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    #[test]
    fn an_amount_may_be_left_out_and_nonsense_is_named() {
        let words = texts(Language::English);
        assert_eq!(amount("money", " ", words).unwrap(), None);
        assert_eq!(amount("money", "0.05", words).unwrap(), Some(50_000));
        assert!(amount("money", "much", words).is_err());
    }

    #[test]
    fn a_count_is_read_as_people_type_it_and_bounded() {
        let words = texts(Language::English);
        let read = |typed: &str| count("calls", typed, words).ok();
        for (typed, expected) in [
            ("500", Some(500)),
            ("1,000", Some(1000)),
            (" 1 000 ", Some(1000)),
            ("0", Some(0)),
            ("-1", None),
            ("", None),
            ("1000001", None),
            ("99999999999", None),
        ] {
            assert_eq!(read(typed), expected, "{typed:?}");
        }
    }
}
