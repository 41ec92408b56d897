//! How does a web site of a business show its web chat? The site loads a small script, which shows a frame with our page; the
//! page sends what its visitor writes, and asks for answers. Only the sites that the business named may show the frame.

mod limits;
mod page;
mod texts;
mod wire;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::language::Language;
use domain::web_chat::origin;
use store::tenant::{Scope, TenantTx};
use store::webchat::{self, Place};
use web::Error;

pub use self::limits::Limits;
use self::wire::Asked;
use super::pages::Shared;
use super::problem;
use super::proxies::RemoteCaller;

/// Largest body of a visit, in bytes: ten messages of the longest kind in any script.
pub const LARGEST: usize = 256 * 1024;

/// The script of the web site.
const LOADER: &str = include_str!("loader.js");
/// The script of the frame.
const SCRIPT: &str = include_str!("frame.js");
/// The style of the frame.
const STYLE: &str = include_str!("frame.css");

/// What is fixed for all web chats changes only with the product.
const FIXED: &str = "public, max-age=300";

/// `GET /chat/{key}`: the page in the frame. `GET /chat/{key}.js`: the script that shows the frame. `GET /chat/frame.js` and
/// `GET /chat/frame.css`: what the page consists of.
pub async fn show(State(shared): State<Shared>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    match key.as_str() {
        "frame.js" => fixed("text/javascript; charset=utf-8", SCRIPT),
        "frame.css" => fixed("text/css; charset=utf-8", STYLE),
        script if script.ends_with(".js") => fixed("text/javascript; charset=utf-8", LOADER),
        key => {
            let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let language = language.and_then(Language::accepted).unwrap_or_default();
            framed(&shared, key, language).await.unwrap_or_else(problem::of)
        }
    }
}

/// A file that is the same for everybody and may be used by any web site.
fn fixed(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(FIXED)),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    (headers, text).into_response()
}

/// The page of a web chat.
async fn framed(shared: &Shared, key: &str, language: Language) -> Result<Response, Error> {
    let place = webchat::find(&shared.app.db, key).await?.ok_or(Error::NotFound)?;
    let scope = Scope::Business { user: None, business: place.business };
    let mut tx = TenantTx::begin(&shared.app.db, scope).await?;
    let brand = store::agencies::brand(&mut tx).await?;
    tx.commit().await?;
    let policy = HeaderValue::from_str(&policy(&place)).map_err(|_| Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    Ok((headers, page::html(&place, brand.shades(), language)).into_response())
}

/// What the page may load, and who may show it. A stored site is read again, so that it means nothing else here.
fn policy(place: &Place) -> String {
    let sites: Vec<String> = place.origins.iter().filter_map(|site| origin(site)).collect();
    let sites = if sites.is_empty() { "'none'".to_owned() } else { sites.join(" ") };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {sites}"
    )
}

/// `POST /chat/{key}/exchange`: stores what the visitor wrote, and answers with the conversation.
pub async fn exchange(
    State(shared): State<Shared>,
    Extension(limits): Extension<Arc<Limits>>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    let caller = request.extensions().get::<RemoteCaller>().cloned();
    let Some(body) = read(request).await else {
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Too large", "Send at most 256 KiB.");
    };
    let visit = match wire::visit(&body) {
        Ok(visit) => visit,
        Err(why) => return problem::answer(StatusCode::BAD_REQUEST, "Not readable", why),
    };
    let place = match webchat::find(&shared.app.db, &key).await {
        Ok(Some(place)) => place,
        Ok(None) => return problem::of(Error::NotFound),
        Err(error) => return problem::of(error.into()),
    };
    let answered = async {
        limits.take(caller.as_ref(), &place, &visit.visit)?;
        if operations::webchat::begins(&shared.app.db, &place, &visit.visit).await? {
            limits.begin(caller.as_ref(), &place)?;
        }
        operations::webchat::exchange(&shared.app.db, &place, &visit.visit).await
    };
    match answered.await {
        Ok(lines) => Json(wire::answer(&lines, &visit.version)).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// The body, if a script sent it as JSON: a form of another site cannot. `None` if it is too large.
async fn read(request: Request<Body>) -> Option<Asked> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "application/json");
    let bytes = to_bytes(request.into_body(), LARGEST).await.ok()?;
    Some(Asked { is_json, bytes })
}

#[cfg(test)]
mod tests {
    use domain::{AgencyId, BusinessId, ChannelId};
    use uuid::Uuid;

    use super::*;

    fn place(origins: &[&str]) -> Place {
        Place {
            agency: AgencyId(Uuid::nil()),
            business: BusinessId(Uuid::nil()),
            channel: ChannelId(Uuid::nil()),
            name: "</title><b>&\"'".to_owned(),
            origins: origins.iter().map(|&site| site.to_owned()).collect(),
            greeting: "<img src=x onerror=alert(1)>".to_owned(),
        }
    }

    #[test]
    fn only_the_sites_of_the_business_may_show_it() {
        let sites = |origins: &[&str]| policy(&place(origins)).split("frame-ancestors ").nth(1).map(str::to_owned);
        assert_eq!(
            sites(&["https://a.example", "http://127.0.0.1:1"]).unwrap(),
            "https://a.example http://127.0.0.1:1"
        );
        assert_eq!(sites(&[]).unwrap(), "'none'");
        assert_eq!(sites(&["*; script-src *", "\u{fc}\r\nx: y", "'self'"]).unwrap(), "'none'");
        assert!(HeaderValue::from_str(&policy(&place(&["\u{fc}\r\nx: y"]))).is_ok());
    }

    #[test]
    fn nothing_that_is_stored_becomes_markup() {
        for language in Language::ALL {
            let html = page::html(&place(&[]), domain::brand::Shades::default(), language);
            assert!(!html.contains("<b>") && !html.contains("<img"), "{html}");
            assert!(html.contains("&lt;img src=x"), "{html}");
        }
    }

    #[test]
    fn the_scripts_are_small_and_need_nothing_that_a_strict_policy_refuses() {
        assert!(LOADER.len() + SCRIPT.len() + STYLE.len() < 25 * 1024);
        for script in [LOADER, SCRIPT] {
            for refused in ["innerHTML", "insertAdjacentHTML", "eval(", "new Function", "document.write", "cssText"] {
                assert!(!script.contains(refused), "{refused}");
            }
        }
    }
}
