//! What HighLevel renews for another location than that of the connection is not stored with it.

use domain::identity::Role;
use serde_json::json;
use simulator::demo;

use crate::harness::{Harness, fault};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_of_another_location_ends_the_connection() {
    for (location, version) in [(demo::LUNA_YOGA, 2), ("another-location", 1)] {
        let harness = Harness::new().await;
        harness.db.person(Role::AgencyOwner, Some(harness.agency), None).await;
        let (business, connection) = harness.single("a-company-of-nobody-here").await;
        let body = json!({
            "access_token": "renewed", "token_type": "Bearer", "expires_in": 86399, "refresh_token": "next",
            "userType": "Location", "locationId": location
        });
        let answer = json!({ "fault": "status", "status": 200, "body": body.to_string() });
        harness.sim.faults(fault("POST", "/oauth/token", &answer)).unwrap();
        harness.renew_now(connection, Some(business)).await;
        let opened = harness.opened_now(connection, Some(business)).await;
        let is_ended = harness.connection(connection).await.needs_reauth_at.is_some();
        assert_eq!((opened.version, is_ended), (version, version == 1), "{location}");
        assert_eq!(harness.told().await, usize::from(is_ended), "{location}");
    }
}
