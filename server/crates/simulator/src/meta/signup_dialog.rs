//! The window of WhatsApp's Embedded Signup: which number is shared, how the signup ends, and what the page that opened the
//! window hears of it.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    Simulator,
    control::actions::said,
    page::html::{esc, page, select},
    world::{Transaction, World},
};

use super::{
    consents,
    dialog::{Asked, DENIED, address_back, app_of, refused},
    dialog_page::hidden,
    records::MetaApp,
    templates::Query as Fields,
};

/// How the signup can end.
const ENDINGS: [(&str, &str); 9] = [
    ("finish", "The number is connected"),
    ("finish_twice", "The number is connected, and the window says so twice"),
    ("finish_alone", "The number is connected, but no code comes back"),
    ("code_alone", "A code comes back, but the window says nothing"),
    ("only_account", "The account is shared without a number"),
    ("in_app", "The number stays in the WhatsApp Business app"),
    ("cancel", "The person leaves at the phone number"),
    ("error", "The verified name is refused"),
    ("deny", "The person refuses the consent"),
];

/// What the last page of the window does: tells the page that opened it, and goes back to the app or closes.
const SCRIPT: &str = "{
  const { messages, origin, back } = document.getElementById('end').dataset;
  for (const message of JSON.parse(messages)) window.opener?.postMessage(message, origin);
  if (back) location.replace(back);
  else window.close();
}";

/// Whether the link to the dialog asks for the signup of WhatsApp. Other setups name a channel.
pub fn is_asked(query: &Fields) -> bool {
    let extras = query.get("extras").and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let is_setup = extras["setup"].is_object() && extras["setup"].get("channel").is_none();
    query.contains_key("config_id") && is_setup && extras["version"].is_string()
}

/// The page of the signup.
pub fn page_of(world: &World, app: &MetaApp, asked: &Asked, version: &str) -> String {
    let numbers = world.phone_numbers.values();
    let numbers = numbers.map(|one| (one.id.clone(), format!("{} ({})", one.verified_name, one.display)));
    let endings = ENDINGS.map(|(ending, text)| (ending.to_owned(), text.to_owned()));
    let title = format!("Connect WhatsApp to {}", app.name);
    let body = format!(
        "<main class=\"narrow\"><header><h1>{}</h1><span class=\"dim\">Simulated Embedded Signup</span></header>\
         <form method=\"post\" action=\"/meta/dialog/{}/dialog/oauth/signup\">{}<section>{}{}</section>\
         <div class=\"actions\"><button>Continue</button></div></form></main>",
        esc(&title),
        esc(version),
        hidden(asked),
        select("number", "Number", &numbers.collect::<Vec<_>>(), ""),
        select("ending", "What happens", &endings, ""),
    );
    page(&title, &body)
}

/// `POST /dialog/oauth/signup`: the signup ends.
pub async fn decide(State(sim): State<Simulator>, Path(_): Path<String>, body: String) -> Response {
    let fields: Fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let asked = Asked::read(&fields);
    let app = match app_of(&sim.lock().world, &asked, false) {
        Ok(app) => app,
        Err(why) => return refused(why),
    };
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let (number, ending) = (text("number"), text("ending"));
    let transaction = |tx: &mut Transaction<'_>| {
        let waba = tx.world.phone_numbers.get(number).ok_or("There is no such number.")?.waba_id.clone();
        let messages = messages(tx.world, number, &waba, ending)?;
        let gives_code = !matches!(ending, "finish_alone" | "cancel" | "error" | "deny");
        let code = gives_code.then(|| consents::embedded_signup(tx, &app.id, &waba, Some(&asked.redirect_uri)));
        Ok::<_, String>((messages, code.transpose()?))
    };
    let (messages, code) = match sim.run_transaction(transaction).map_err(said) {
        Ok(done) => done,
        Err(why) => return refused(&why),
    };
    let back = match &code {
        Some(code) => address_back(&asked, &[("code", code)], "_=_"),
        None if ending == "deny" => address_back(&asked, &DENIED, "_=_"),
        None => None,
    };
    Html(end(&messages, &asked, back.as_ref())).into_response()
}

/// The messages of the window, each as the text that it posts.
fn messages(world: &World, number: &str, waba: &str, ending: &str) -> Result<Vec<String>, String> {
    let business = world.wabas.get(waba).map(|waba| waba.business_id.as_str());
    let all = json!({"phone_number_id": number, "waba_id": waba, "business_id": business});
    let account = json!({"waba_id": waba, "business_id": business});
    let finish = message("FINISH", &all);
    Ok(match ending {
        "finish" | "finish_alone" => vec![finish],
        "finish_twice" => vec![finish.clone(), finish],
        "only_account" => vec![message("FINISH_ONLY_WABA", &account)],
        "in_app" => vec![message("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", &account)],
        "cancel" => vec![message("CANCEL", &json!({"current_step": "PHONE_NUMBER_SETUP"}))],
        "error" => {
            let error =
                "Your verified name violates WhatsApp guidelines. Please edit your verified name and try again.";
            vec![message(
                "CANCEL",
                &json!({"error_message": error, "error_id": "524126", "session_id": "f34b51dab5e0498"}),
            )]
        }
        "code_alone" | "deny" => Vec::new(),
        _ => return Err("The signup cannot end like this.".to_owned()),
    })
}

fn message(event: &str, data: &Value) -> String {
    json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": "3", "data": data}).to_string()
}

/// The last page of the window. Only the app's own pages can read its messages.
fn end(messages: &[String], asked: &Asked, back: Option<&Url>) -> String {
    let origin = Url::parse(&asked.redirect_uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let body = format!(
        "<main class=\"narrow\" id=\"end\" data-messages=\"{}\" data-origin=\"{}\" data-back=\"{}\">\
         <p>You can close this window.</p></main><script>{SCRIPT}</script>",
        esc(json!(messages)),
        esc(origin),
        esc(back.map(Url::as_str).unwrap_or_default()),
    );
    page("Embedded Signup", &body)
}
