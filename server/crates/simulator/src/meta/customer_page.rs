//! The page on which a person plays a customer: a phone with one thread, its statuses, and what a customer can do.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{
    Simulator,
    page::html::{esc, field, page, select},
    world::World,
};

use super::{
    bubbles, customers, inbound,
    message_records::{Channel, Customer, Message},
    multipart, windows,
};

/// What the select fields offer to send.
const KINDS: [(&str, &str); 13] = [
    ("text", "Text"),
    ("image", "Picture"),
    ("voice", "Voice message"),
    ("video", "Video"),
    ("document", "Document"),
    ("location", "Place"),
    ("story_reply", "Reply to a story (Instagram)"),
    ("unsupported", "Something unsupported"),
    ("edit", "Edit the last message"),
    ("revoke", "Delete the last message"),
    ("username", "Adopt a user name, hide the number (WhatsApp)"),
    ("opt_out", "Stop marketing messages (WhatsApp)"),
    ("block", "Block the business"),
];

/// The thread that is open.
struct Thread {
    channel: Channel,
    account: String,
    customer: Option<Customer>,
}

/// Fields of the address, of the page and of its forms.
type Fields = BTreeMap<String, String>;

/// `GET /_sim/phone`.
pub async fn show(State(sim): State<Simulator>, Query(asked): Query<Fields>) -> Html<String> {
    let state = sim.lock();
    let world = &state.world;
    let thread = opened(world, &asked);
    let said = asked.get("said").map(|said| format!("<p class=\"said info\" role=\"status\">{}</p>", esc(said)));
    let body = format!(
        "<style>{STYLE}</style><main><header><h1>Customer's phone</h1><nav><a href=\"/_sim\">Simulator</a>\
         <a href=\"{}\">Refresh</a><a href=\"/_sim/meta/deliveries\">Webhooks sent</a></nav></header>{}\
         <div class=\"desk\"><section>{}</section><section class=\"phone\">{}</section></div></main><script>{SCRIPT}</script>",
        esc(address(&thread, "")),
        said.unwrap_or_default(),
        choices(world, &thread),
        screen(world, &thread, state.now()),
    );
    Html(page("Customer's phone", &body))
}

fn opened(world: &World, asked: &Fields) -> Thread {
    let channel = asked.get("channel").and_then(|name| inbound::channel_of(name).ok()).unwrap_or(Channel::Whatsapp);
    let accounts = customers::accounts(world, channel);
    let wanted = asked.get("account").map(String::as_str).unwrap_or_default();
    let account = accounts.iter().find(|(id, _)| id == wanted).or_else(|| accounts.first());
    let customer = customers::find(world, asked.get("customer").map(String::as_str).unwrap_or_default());
    let customer = customer.or_else(|| world.customers.values().next()).cloned();
    Thread { channel, account: account.map(|(id, _)| id.clone()).unwrap_or_default(), customer }
}

/// The address of a thread, with something to say.
fn address(thread: &Thread, said: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("channel", windows::word(thread.channel)).append_pair("account", &thread.account);
    query.append_pair("customer", thread.customer.as_ref().map_or("", |customer| customer.id.as_str()));
    if !said.is_empty() {
        query.append_pair("said", said);
    }
    format!("/_sim/phone?{}", query.finish())
}

fn choices(world: &World, thread: &Thread) -> String {
    let mut html = String::from("<h2>Channel</h2><nav>");
    for (channel, name) in
        [(Channel::Whatsapp, "WhatsApp"), (Channel::Instagram, "Instagram"), (Channel::Facebook, "Messenger")]
    {
        let other = Thread { channel, account: String::new(), customer: thread.customer.clone() };
        html.push_str(&link(&address(&other, ""), name, channel == thread.channel));
    }
    html.push_str("</nav><h2>Business</h2><nav>");
    for (id, name) in customers::accounts(world, thread.channel) {
        let chosen = id == thread.account;
        let other = Thread { channel: thread.channel, account: id, customer: thread.customer.clone() };
        html.push_str(&link(&address(&other, ""), &name, chosen));
    }
    html.push_str("</nav><h2>Customer</h2><nav>");
    for customer in world.customers.values().take(60) {
        let chosen = thread.customer.as_ref().is_some_and(|open| open.id == customer.id);
        let other =
            Thread { account: thread.account.clone(), customer: Some(customer.clone()), channel: thread.channel };
        html.push_str(&link(&address(&other, ""), &customer.name, chosen));
    }
    html.push_str("</nav><h2>Somebody new</h2>");
    html.push_str(&format!(
        "<form method=\"post\" action=\"/_sim/phone\"><input type=\"hidden\" name=\"channel\" value=\"{}\">\
         <input type=\"hidden\" name=\"account\" value=\"{}\">{}{}<button>Write</button></form>",
        windows::word(thread.channel),
        esc(&thread.account),
        field("customer", "Name or number", ""),
        field("text", "First message", "Hello")
    ));
    html
}

fn link(address: &str, name: &str, chosen: bool) -> String {
    let mark = if chosen { " aria-current=\"true\"" } else { "" };
    format!("<a href=\"{}\"{mark}>{}</a>", esc(address), esc(name))
}

fn screen(world: &World, thread: &Thread, now: chrono::DateTime<chrono::Utc>) -> String {
    let Some(customer) = &thread.customer else { return "<p>Nobody has written yet.</p>".into() };
    let hidden = [("channel", windows::word(thread.channel)), ("account", &thread.account), ("customer", &customer.id)];
    let fields: String = hidden
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", esc(value)))
        .collect();
    let key = Message::thread(&thread.account, &customer.id);
    let messages = world.messages.of(&key);
    let bubbles: String = messages
        .filter(|message| message.kind != "reaction")
        .map(|message| bubbles::bubble(world, message, &fields))
        .collect();
    let empty = if bubbles.is_empty() { "<p class=\"dim\">No message yet.</p>" } else { "" };
    let window = windows::of(world, thread.channel, &thread.account, &customer.id, now);
    let kinds: Vec<(String, String)> = KINDS.map(|(kind, name)| (kind.into(), name.into())).to_vec();
    format!(
        "<h2>{}</h2><div id=\"thread\"><p class=\"dim\">The business's window is {}.</p>{bubbles}{empty}</div>\
         <form method=\"post\" action=\"/_sim/phone\" enctype=\"multipart/form-data\">{fields}\
         <label>Message<input name=\"text\" autofocus autocomplete=\"off\"></label>{}\
         <label>File<input type=\"file\" name=\"upload\"></label><button>Send</button></form>",
        esc(&customer.name),
        format!("{window:?}").to_lowercase(),
        select("kind", "What is sent", &kinds, "text"),
    )
}

/// `POST /_sim/phone`: does what a form of the page says and shows the thread again.
pub async fn act(State(sim): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    if !crate::control::from_own_page(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let order = order_of(kind, &body);
    let outcome = inbound::receive(&sim, &Value::Object(order.clone()));
    let mut asked: Fields =
        order.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    let said = match outcome {
        Ok(done) => {
            asked.insert("customer".into(), done["customer"].as_str().unwrap_or_default().to_owned());
            String::new()
        }
        Err(why) => why,
    };
    let thread = opened(&sim.lock().world, &asked);
    Redirect::to(&address(&thread, &said)).into_response()
}

/// Reads a form, with a file or without.
fn order_of(content_type: &str, body: &[u8]) -> Map<String, Value> {
    let mut order = Map::new();
    if !content_type.starts_with("multipart/") {
        for (name, value) in url::form_urlencoded::parse(body) {
            order.insert(name.into_owned(), json!(value));
        }
        return order;
    }
    for part in multipart::read(content_type, body) {
        if part.name != "upload" {
            order.insert(part.name, json!(String::from_utf8_lossy(&part.bytes)));
        } else if !part.bytes.is_empty() {
            let kind = part.mime.split('/').next().unwrap_or_default();
            if order.get("kind") == Some(&json!("text")) {
                let kind = if ["image", "video", "audio"].contains(&kind) { kind } else { "document" };
                order.insert("kind".into(), json!(kind));
            }
            order.insert("file".into(), json!(STANDARD.encode(&part.bytes)));
            order.insert("mime".into(), json!(part.mime));
            order.insert("name".into(), json!(part.filename));
        }
    }
    order
}

const STYLE: &str = "\
.desk{display:grid;grid-template-columns:minmax(200px,1fr) minmax(300px,420px);gap:18px;align-items:start}\
@media(max-width:760px){.desk{grid-template-columns:1fr}}.desk nav{margin:0 0 14px}.desk nav a[aria-current]{font-weight:700;color:var(--text)}\
.phone{border-radius:28px;display:grid;gap:10px}#thread{max-height:60vh;overflow-y:auto;display:grid;gap:8px;align-content:start}\
.bubble{border:1px solid var(--line);border-radius:14px;padding:8px 12px;max-width:85%;overflow-wrap:anywhere}.bubble p{margin:0}\
.bubble img{max-width:100%;border-radius:8px;display:block}.bubble audio{width:100%}.mine{justify-self:end;background:var(--goodbg)}\
.theirs{justify-self:start;background:var(--bg)}.bubble form{margin:6px 0 0}.react{display:inline-flex}.react button{padding:0 6px;background:none;border-color:var(--line)}";

/// Fetches the page every two seconds and replaces the thread if it changed.
const SCRIPT: &str = "\
const end=()=>{const t=document.getElementById('thread');if(t)t.scrollTop=t.scrollHeight};end();\
setInterval(async()=>{try{const t=document.getElementById('thread');if(!t)return;const answer=await fetch(location.href);\
const next=new DOMParser().parseFromString(await answer.text(),'text/html').getElementById('thread');\
if(next&&next.innerHTML!==t.innerHTML){t.replaceWith(next);end()}}catch{}},2000);";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_kind_is_sent_as_what_it_is() {
        for (mime, kind) in [("image/png", "image"), ("application/pdf", "document"), ("video/mp4", "video")] {
            let body = format!(
                "--B\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ntext\r\n--B\r\nContent-Disposition: form-data; \
                 name=\"upload\"; filename=\"a\"\r\nContent-Type: {mime}\r\n\r\nxyz\r\n--B--\r\n"
            );
            let order = order_of("multipart/form-data; boundary=B", body.as_bytes());
            assert_eq!((&order["kind"], &order["mime"]), (&json!(kind), &json!(mime)));
        }
    }
}
