//! Which Pages, portfolios and Instagram accounts a token shows.

use serde_json::{Value, json};

use crate::world::{Transaction, World};

use super::{
    access_records::{MetaToken, TokenKind},
    fields,
    graph::GraphCall,
    records::Page,
    reply::{Outcome, error, no_object},
    tokens,
};

/// Fields of a Page that are shown if the call names none.
const USUAL: &str = "access_token,category,name,id,tasks";

/// `GET /me/accounts`: the granted Pages on which the person has a role.
pub fn pages(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken) -> Outcome {
    if token.kind == TokenKind::Page || call.instagram {
        return Err(error(400, 100, None, "(#100) Tried accessing nonexisting field (accounts)"));
    }
    tokens::need(token, "pages_show_list")?;
    let granted: Vec<Page> = tx
        .world
        .pages
        .values()
        .filter(|page| token.assets.pages.contains(&page.id))
        .filter(|page| token.kind == TokenKind::SystemUser || page.roles.contains_key(&token.person_id))
        .cloned()
        .collect();
    let rows = granted.iter().map(|page| row(tx, call, token, page)).collect();
    Ok(fields::page(call, rows))
}

/// `GET /{business}/owned_pages` and `/client_pages`.
pub fn pages_of_business(
    tx: &mut Transaction<'_>,
    call: &GraphCall,
    token: &MetaToken,
    business: &str,
    owned: bool,
) -> Outcome {
    tokens::need(token, "business_management")?;
    if !token.assets.businesses.iter().any(|id| id == business) {
        return Err(no_object(business));
    }
    let in_it = |page: &&Page| owned && page.business_id.as_deref() == Some(business);
    let pages: Vec<Page> =
        tx.world.pages.values().filter(in_it).filter(|page| token.assets.pages.contains(&page.id)).cloned().collect();
    let rows = pages.iter().map(|page| row(tx, call, token, page)).collect();
    Ok(fields::page(call, rows))
}

fn row(tx: &mut Transaction<'_>, call: &GraphCall, token: &MetaToken, page: &Page) -> Value {
    let asked = fields::asked(call, USUAL);
    let all_tasks = ["MODERATE", "MESSAGING", "ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"];
    let tasks = page.roles.get(&token.person_id).cloned();
    let tasks = tasks.unwrap_or_else(|| all_tasks.iter().map(|task| (*task).to_owned()).collect());
    let mut all = shape(tx.world, call, page);
    all["tasks"] = json!(tasks);
    if asked.contains(&"access_token") {
        all["access_token"] = json!(tokens::issue_page(tx, token, &page.id));
    }
    fields::pick(&all, &asked)
}

/// Everything that is shown of a Page, besides what depends on the caller.
pub fn shape(world: &World, call: &GraphCall, page: &Page) -> Value {
    let mut all = json!({
        "id": page.id, "name": page.name, "category": page.category, "link": format!("https://www.facebook.com/{}", page.id),
        "picture": {"data": {"height": 50, "width": 50, "is_silhouette": false, "url": format!("{}/meta/picture.png", call.base)}},
    });
    let linked = page.instagram_id.as_ref().and_then(|id| world.instagrams.get(id));
    if let Some(account) = linked.filter(|account| account.message_access) {
        all["instagram_business_account"] = match call.param("fields").contains("instagram_business_account{") {
            true => json!({"id": account.id, "username": account.username, "name": account.name}),
            false => json!({"id": account.id}),
        };
    }
    all
}

/// `GET /me/businesses`.
pub fn businesses(world: &World, token: &MetaToken) -> Outcome {
    tokens::need(token, "business_management")?;
    let own = world.businesses.values().filter(|business| token.assets.businesses.contains(&business.id));
    let rows: Vec<Value> = own.map(|business| json!({"id": business.id, "name": business.name})).collect();
    Ok(json!({"data": rows}))
}

/// Whether an id means the Instagram account that the token of Instagram Login speaks for.
pub fn is_own_instagram(world: &World, token: &MetaToken, id: &str) -> bool {
    let account = token.account_id.as_deref().and_then(|id| world.instagrams.get(id));
    account.is_some_and(|account| ["me", &account.id, &account.app_scoped_id].contains(&id))
}

/// `GET /me` of Instagram Login. `id` is the app-scoped id, `user_id` the one of webhooks.
pub fn instagram_me(world: &World, call: &GraphCall, token: &MetaToken) -> Outcome {
    tokens::need(token, "instagram_business_basic")?;
    let account = token.account_id.as_ref().and_then(|id| world.instagrams.get(id));
    let account = account.ok_or_else(|| no_object("me"))?;
    let all = json!({
        "id": account.app_scoped_id, "user_id": account.id, "username": account.username, "name": account.name,
        "account_type": account.account_type, "profile_picture_url": format!("{}/meta/picture.png", call.base),
    });
    Ok(fields::pick(&all, &fields::asked(call, "id,username")))
}
