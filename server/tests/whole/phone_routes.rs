//! Phone routes: a page and the API run the same operations, with the same result, the same refusals and the same
//! answer of the tester; who lacks the right sees the numbers and changes none.

use axum::http::{Method, StatusCode};
use domain::field::FieldError;
use domain::identity::Role;
use serde_json::{Value, json};

use crate::helpers::{Answer, Tenant, TestApp};

const ROUTES: &str = "/api/v1/phone-routes";

/// An agency with two clients, its owner, and a token of its own.
struct World {
    app: TestApp,
    tenant: Tenant,
    second: String,
    owner: String,
    token: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let second = app.base.business(tenant.agency).await.to_string();
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let token = app.token(&tenant, &["phone_routes"]).await;
        Self { app, tenant, second, owner, token }
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        self.app.api(&self.token, method, path, body.to_string()).await
    }

    async fn form(&self, operation: &str, fields: &[(&str, &str)], cookie: &str) -> Answer {
        self.app.submit_in(self.tenant.agency, operation, fields, cookie).await
    }

    fn page(&self) -> String {
        format!("/a/{}/phone-routes", self.tenant.agency)
    }

    /// Adds a route by the API and returns its id.
    async fn add(&self, body: &Value) -> String {
        let (status, made) = self.api(Method::POST, ROUTES, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }
}

/// The fields that a page refused.
fn refused(answer: &Answer) -> Vec<FieldError> {
    match serde_json::from_str(&answer.body) {
        Ok(web::Error::Invalid(errors)) => errors,
        other => panic!("{}: {other:?}", answer.body),
    }
}

#[tokio::test]
async fn a_form_and_a_body_make_the_same_route() {
    let world = World::new().await;
    let business = world.tenant.business.to_string();
    let fields = [
        ("/number", "(305) 555-0100"),
        ("/business", &*business),
        ("/label", " Front  desk "),
        ("/active", "on"),
        ("/timezone", "America/New_York"),
        ("/hours", "set"),
        ("/hours/mon/0/from", "09:00"),
        ("/hours/mon/0/to", "12:00"),
        ("/hours/mon/1/from", "13:00"),
        ("/hours/mon/1/to", "17:00"),
        ("/overflow/business", &*world.second),
        ("/overflow/hours", "any"),
        ("/fallback", "default"),
    ];
    let body = json!({
        "number": "305.555.0100", "business": business, "label": "Front desk", "timezone": "America/New_York",
        "hours": { "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }] },
        "overflow": { "business": world.second }, "fallback": "default"
    });
    let answer = world.form("add_phone_route", &fields, &world.owner).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let (_, list) = world.api(Method::GET, ROUTES, &Value::Null).await;
    let mut by_page = list["rows"][0].clone();
    let id = by_page["id"].as_str().unwrap().to_owned();
    let (status, gone) = world.api(Method::DELETE, &format!("{ROUTES}/{id}"), &Value::Null).await;
    assert_eq!((status, gone), (StatusCode::NO_CONTENT, Value::Null));
    let (status, mut by_api) = world.api(Method::POST, ROUTES, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{by_api}");
    assert_eq!(by_api["number"], "+13055550100");
    for route in [&mut by_page, &mut by_api] {
        for own in ["id", "created_at", "updated_at"] {
            assert!(route[own].take().is_string(), "{own}");
        }
    }
    assert_eq!(by_page, by_api);
}

/// The fields typed on the page, the same sent to the API, and the field that is refused.
type Change<'a> = (&'a [(&'a str, &'a str)], Value, &'a str);

#[tokio::test]
async fn a_page_and_the_api_refuse_a_route_in_the_same_words() {
    let world = World::new().await;
    let (business, elsewhere) = (world.tenant.business.to_string(), world.app.tenant().await.business.to_string());
    world.add(&json!({ "number": "+13055550111", "business": business })).await;
    let sound = [("/number", "+13055550100"), ("/business", &*business), ("/hours", "any"), ("/fallback", "own")];
    let hours = json!({ "mon": [{ "from": "09:00", "to": "17:00" }, { "from": "16:00", "to": "18:00" }] });
    let changes: [Change<'_>; 7] = [
        (&[("/number", "305555010")], json!({ "number": "305555010" }), "/number"),
        (&[("/number", "3055550111")], json!({ "number": "3055550111" }), "/number"),
        (&[("/business", &elsewhere)], json!({ "business": elsewhere }), "/business"),
        (&[("/timezone", "Mars/Olympus")], json!({ "timezone": "Mars/Olympus" }), "/timezone"),
        (&[("/hours", "set")], json!({ "hours": {} }), "/hours"),
        (&[("/overflow/business", &business)], json!({ "overflow": { "business": business } }), "/overflow/business"),
        (
            &[
                ("/hours", "set"),
                ("/hours/mon/0/from", "09:00"),
                ("/hours/mon/0/to", "17:00"),
                ("/hours/mon/1/from", "16:00"),
                ("/hours/mon/1/to", "18:00"),
            ],
            json!({ "hours": hours }),
            "/hours/mon/1/from",
        ),
    ];
    for (typed, sent, pointer) in changes {
        let mut fields = sound.to_vec();
        fields.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
        fields.extend(typed);
        let mut body = json!({ "number": "+13055550100", "business": business });
        body.as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
        let page = world.form("add_phone_route", &fields, &world.owner).await;
        let (status, problem) = world.api(Method::POST, ROUTES, &body).await;
        let both = [page.status, status];
        assert_eq!(both, [StatusCode::UNPROCESSABLE_ENTITY; 2], "{pointer}: {} {problem}", page.body);
        let errors: Vec<FieldError> = serde_json::from_value(problem["errors"].clone()).unwrap();
        assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, pointer), "{problem}");
        assert_eq!(refused(&page), errors);
    }
    let (_, list) = world.api(Method::GET, ROUTES, &Value::Null).await;
    assert_eq!(list["total"], 1, "nothing was added");
    let (_, taken) = world.api(Method::POST, ROUTES, &json!({ "number": "+13055550111", "business": business })).await;
    let text = taken["errors"][0]["detail"].as_str().unwrap();
    assert!(text.starts_with("This number goes to business-"), "the conflict names the client: {text}");
}

#[tokio::test]
async fn the_tester_gives_the_same_answer_on_the_page_and_in_the_api() {
    let world = World::new().await;
    let business = world.tenant.business.to_string();
    let resolve = format!("{ROUTES}/resolve");
    let unknown = json!({ "number": "+13055550199", "at": "2026-03-09T12:00" });
    let (_, nowhere) = world.api(Method::POST, &resolve, &unknown).await;
    assert_eq!((&nowhere["rule"], &nowhere["business"]), (&json!("nowhere"), &Value::Null), "{nowhere}");
    world.add(&json!({ "number": "+13035550177", "business": world.second, "is_default": true })).await;
    world
        .add(&json!({
            "number": "+13055550100", "business": business, "timezone": "America/New_York",
            "hours": { "mon": [{ "from": "09:00", "to": "17:00" }] }, "fallback": "default"
        }))
        .await;
    for (number, at, rule, client) in [
        ("(305) 555-0100", "2026-03-09T09:00", "hours", &business),
        ("(305) 555-0100", "2026-03-09T16:59", "hours", &business),
        ("(305) 555-0100", "2026-03-09T17:00", "fallback", &world.second),
        ("+13035550177", "2026-03-09T03:00", "hours", &world.second),
        ("+13055550199", "2026-03-09T12:00", "fallback", &world.second),
    ] {
        let (status, found) = world.api(Method::POST, &resolve, &json!({ "number": number, "at": at })).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        assert_eq!(
            (found["rule"].as_str(), found["business"].as_str()),
            (Some(rule), Some(client.as_str())),
            "{found}"
        );
        let query = serde_urlencoded::to_string([("number", number), ("when", at)]).unwrap();
        let page = world.app.browse(&format!("{}?{query}", world.page()), Some(&world.owner)).await;
        for stage in found["path"].as_array().unwrap() {
            assert!(page.body.contains(stage["why"].as_str().unwrap()), "{stage} is not on the page");
        }
    }
    // Nine in New York is 13:00 UTC from the second Sunday of March on.
    let (_, found) =
        world.api(Method::POST, &resolve, &json!({ "number": "+13055550100", "at": "2026-03-09T13:00:00Z" })).await;
    assert_eq!((&found["rule"], &found["at"]), (&json!("hours"), &json!("2026-03-09T13:00:00Z")));
    let (status, problem) = world.api(Method::POST, &resolve, &json!({ "number": "12", "at": "noon" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = world.app.browse(&format!("{}?number=12&when=noon", world.page()), Some(&world.owner)).await;
    for error in problem["errors"].as_array().unwrap() {
        assert!(page.body.contains(error["detail"].as_str().unwrap()), "{error} is not on the page");
    }
}

#[tokio::test]
async fn a_route_is_changed_switched_off_and_removed_by_page_and_api() {
    let world = World::new().await;
    let business = world.tenant.business.to_string();
    let id = world.add(&json!({ "number": "+13055550100", "business": business })).await;
    let path = format!("{ROUTES}/{id}");
    let (status, moved) =
        world.api(Method::PUT, &path, &json!({ "number": "+13055550100", "business": world.second })).await;
    assert_eq!((status, moved["business"].as_str()), (StatusCode::OK, Some(world.second.as_str())), "{moved}");
    let fields = [("id", &*id), ("/number", "+13055550100"), ("/business", &*business), ("/fallback", "own")];
    let back = world.form("change_phone_route", &fields, &world.owner).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    let (_, route) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!(
        (&route["business"], &route["active"]),
        (&json!(business), &json!(false)),
        "an empty box is off: {route}"
    );
    world.form("set_phone_route_active", &[("id", &id), ("active", "true")], &world.owner).await;
    let (_, route) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!(route["active"], true);
    let removed = world.form("remove_phone_route", &[("id", &id)], &world.owner).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.body);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(world.api(method, &path, &Value::Null).await.0, StatusCode::NOT_FOUND);
    }
    let again = world.form("remove_phone_route", &[("id", &id)], &world.owner).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "{}", again.body);
}

#[tokio::test]
async fn the_country_of_an_agency_decides_how_its_numbers_are_read() {
    let world = World::new().await;
    let business = world.tenant.business.to_string();
    let british = json!({ "number": "020 7946 0018", "business": business });
    assert_eq!(world.api(Method::POST, ROUTES, &british).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let set = world.form("set_phone_country", &[("country", "GB")], &world.owner).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    let (_, made) = world.api(Method::POST, ROUTES, &british).await;
    assert_eq!(made["number"], "+442079460018", "{made}");
    let unknown = world.form("set_phone_country", &[("country", "ZZ")], &world.owner).await;
    assert_eq!(refused(&unknown)[0].pointer, "country");
}

#[tokio::test]
async fn staff_read_the_numbers_of_their_clients_and_see_no_button() {
    let world = World::new().await;
    world.add(&json!({ "number": "+13055550100", "business": world.tenant.business })).await;
    world.add(&json!({ "number": "+13055550111", "business": world.second })).await;
    let staff = world.app.sign_in(world.app.person(Role::AgencyStaff, &world.tenant).await).await;
    for address in [world.page(), format!("{}?new=1", world.page())] {
        let page = world.app.browse(&address, Some(&staff)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("+1 305-555-0100") && !page.body.contains("555-0111"), "only what is assigned");
        for action in ["phone_route\"", "phone_route_active", "phone_country", "Add a number", ">Edit<"] {
            assert!(!page.body.contains(action), "{action}");
        }
    }
    let refused = world.form("add_phone_route", &[("/number", "+13055550122")], &staff).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let owner = world.app.browse(&world.page(), Some(&world.owner)).await;
    assert!(owner.body.contains("/do/remove_phone_route") && owner.body.contains("+1 305-555-0111"));
}
