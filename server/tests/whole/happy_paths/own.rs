//! A successful call of each server function about one's own account: to sign in, to set a password, to choose.

use domain::identity::Role;
use store::tenant::{Scope, TenantTx};

use super::{Case, World};
use crate::second_factor::{code_of, whole_session};
use crate::step_up::{PASSWORD, with_password};

impl World {
    /// Cases for one's own account.
    pub(super) async fn own(&self, operation: &str) -> Option<Case> {
        let (app, tenant) = (&self.app, &self.tenant);
        let secret = web::token::Secret::new();
        let user = app.person(Role::AgencyAdmin, tenant).await;
        with_password(app, user).await;
        let (cookie, email) = (whole_session(app, user).await, self.email(user).await);
        let case = |form: String| Case { form, cookie: Some(cookie.clone()), actor: Some(user) };
        let encoded = |pairs: &[(&str, &str)]| serde_urlencoded::to_string(pairs).unwrap();
        let next = ("password", "nine ships leave at dawn");
        Some(match operation {
            "sign_in" => Case { cookie: None, ..case(encoded(&[("email", &email), ("password", PASSWORD)])) },
            "confirm_code" => {
                let code = web::token::hash("abcdefgh");
                let mut tx = TenantTx::begin(&app.db, Scope::Person(user)).await.unwrap();
                let id = store::factors::add_totp(&mut tx, &app.vault, &[7; 20]).await.unwrap();
                store::factors::confirm_totp(&mut tx, id, 1, &[code]).await.unwrap();
                tx.commit().await.unwrap();
                Case { cookie: Some(app.sign_in(user).await), ..case("code=ABCD-efgh".to_owned()) }
            }
            "request_reset" => Case { cookie: None, actor: None, ..case(encoded(&[("email", &email)])) },
            "set_password" => {
                let hour = std::time::Duration::from_secs(3600);
                store::invites::reset(&app.db, secret.hash(), user, hour).await.unwrap();
                Case { cookie: None, ..case(encoded(&[("token", secret.expose()), next])) }
            }
            "accept_invite" => {
                self.invite(false, secret.hash(), &email).await;
                case(encoded(&[("token", secret.expose())]))
            }
            "confirm_identity" => case(encoded(&[("password", PASSWORD), ("next", "/me")])),
            "change_password" => case(encoded(&[("current_password", PASSWORD), next])),
            "end_session" => {
                let other = whole_session(app, user).await;
                let id: tower_sessions::session::Id = other.trim_start_matches("sid=").parse().unwrap();
                let reference = hex::encode(&slipway::http::session::hash(&id)[..8]);
                case(format!("reference={reference}"))
            }
            "set_my_notifications" => case("job.finished=digest&everyones=yes".to_owned()),
            "unsubscribe" => {
                let (kinds, day) = ([domain::notifications::Kind::JobFailed], std::time::Duration::from_secs(86_400));
                let mut tx = self.agency().await;
                let fresh = (secret.expose(), secret.hash());
                let link = store::notifications::unsubscribe::offer(&mut tx, fresh, user, &kinds, day).await.unwrap();
                tx.commit().await.unwrap();
                Case { cookie: None, ..case(encoded(&[("token", link.as_str())])) }
            }
            "set_my_name" => case(encoded(&[("name", "Maya O. Okafor")])),
            "set_language" => case("language=es".to_owned()),
            "sign_out" | "sign_out_everywhere" | "begin_second_factor" => case(String::new()),
            "confirm_second_factor" => {
                app.submit("begin_second_factor", "", Some(&cookie)).await;
                let page = app.browse("/me/second-factor", Some(&cookie)).await.body;
                case(format!("code={}", code_of(&page)))
            }
            _ => return None,
        })
    }
}
