//! The import of sub-accounts that an agency already has in HighLevel, as clients.

use super::{
    Answers, ApiDoc, Audited, BodyRule, Call, Feature, Level, MANAGERS, Method, RightRule, ScopeRule, Shortcut, Takes,
    api, named, operation, page,
};
use crate::permission::Needs::Agency;
use crate::permission::Right;

impl Right {
    /// Import sub-accounts from HighLevel as clients.
    pub const ClientsImport: Self = Self::of(&RightRule {
        key: "clients.import",
        words: "import sub-accounts from HighLevel as clients",
        level: Level::Agency,
        roles: MANAGERS,
    });
}

pub(super) const FEATURE: Feature = Feature {
    key: "imports",
    rights: &[Right::ClientsImport],
    pages: &[page("/a/{agency}/clients/import", Agency(Right::ClientsImport)).as_shortcut(Shortcut {
        label: "Import sub-accounts",
        words: "Existing clients locations HighLevel",
        icon: "Plus",
    })],
    actions: &[],
    operations: &[
        operation("read_locations", Agency(Right::ClientsImport), Audited::As("locations.read_asked"), &[]),
        operation(
            "import_locations",
            Agency(Right::ClientsImport),
            Audited::As("clients.import_begun"),
            &[("id[]", "ve9EPM428h8vShlRW1KT")],
        )
        .confirmed("import these clients"),
    ],
    routes: &[
        api(
            "/api/v1/sub-accounts/importable",
            "imports",
            &[Call::list("List sub-accounts that can be imported", "ImportableSubAccounts")],
        ),
        api(
            "/api/v1/sub-accounts/import",
            "imports",
            &[
                Call::read("Retrieve the progress of the latest import", "", "ImportProgress"),
                Call {
                    method: Method::Post,
                    doc: Some(ApiDoc {
                        summary: "Import sub-accounts as clients",
                        takes: Takes::Body("NewImport"),
                        answers: Answers::Json(202, "ImportProgress"),
                        object: "",
                        conflict: "HighLevel is not connected, or none of the sub-accounts can be imported",
                    }),
                },
            ],
        ),
    ],
    bodies: &[BodyRule { name: "NewImport", sample: BODY }],
    scopes: &[ScopeRule {
        name: "imports",
        label: "Import sub-accounts as clients",
        right: Right::ClientsImport,
        of_business: false,
    }],
    audit: &[
        named("client.imported", "imported {target} from HighLevel | imported a client from HighLevel"),
        named(
            "clients.import_begun",
            "[count=1] started importing 1 sub-account | started importing {count} sub-accounts | started an import",
        ),
        named("locations.read", "read the list of sub-accounts").routine(),
        named("locations.read_asked", "refreshed the list of sub-accounts"),
    ],
    topics: &["locations.changed"],
};

const BODY: &str = r#"{
  "locations": ["ve9EPM428h8vShlRW1KT"], "invite": ["ve9EPM428h8vShlRW1KT"],
  "emails": { "ve9EPM428h8vShlRW1KT": "owner@bay.example" }, "all": false
}"#;
