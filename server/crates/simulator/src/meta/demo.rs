//! The demo world of Meta: one app, two people, and the accounts of Harbor's first three clients.

use chrono::TimeDelta;

use crate::{Config, world::Transaction};

use super::{
    demo_messages,
    records::{Business, InstagramAccount, LoginConfig, MetaApp, Page, Person, PhoneNumber, Waba},
};

/// Ana Lee, who runs the demo accounts.
pub const ANA: &str = "122100000000001";
/// Omar Diaz, who has a role on one Page alone.
pub const OMAR: &str = "122100000000002";
/// The portfolio of Ana's businesses.
pub const BUSINESS: &str = "272906300000001";
/// Page of Bright Dental, with Instagram.
pub const BRIGHT_DENTAL_PAGE: &str = "201000000000001";
/// Page of Luna Yoga, with Instagram.
pub const LUNA_YOGA_PAGE: &str = "201000000000002";
/// Page of Summit Realty, without Instagram.
pub const SUMMIT_REALTY_PAGE: &str = "201000000000003";
/// Page on which Ana lacks the task MESSAGING.
pub const UNUSABLE_PAGE: &str = "201000000000009";
/// Professional Instagram account of Bright Dental.
pub const BRIGHT_DENTAL_INSTAGRAM: &str = "17841400000000001";
/// Professional Instagram account of Luna Yoga.
pub const LUNA_YOGA_INSTAGRAM: &str = "17841400000000002";
/// WhatsApp Business Account of Bright Dental.
pub const WABA: &str = "102290000000001";
/// Its first number, verified and not yet registered.
pub const NUMBER: &str = "106540000000001";
/// Its second number, not yet verified.
pub const SECOND_NUMBER: &str = "106540000000002";
/// WhatsApp Business Account of Luna Yoga.
pub const LUNA_YOGA_WABA: &str = "102290000000002";
/// Its number, verified and not yet registered.
pub const LUNA_YOGA_NUMBER: &str = "106540000000003";
/// All accounts that Ana can allow, as the fields of the dialog.
pub const ACCOUNTS: [(&str, &str); 9] = [
    ("page", BRIGHT_DENTAL_PAGE),
    ("page", LUNA_YOGA_PAGE),
    ("page", SUMMIT_REALTY_PAGE),
    ("page", UNUSABLE_PAGE),
    ("instagram", BRIGHT_DENTAL_INSTAGRAM),
    ("instagram", LUNA_YOGA_INSTAGRAM),
    ("business", BUSINESS),
    ("waba", WABA),
    ("waba", LUNA_YOGA_WABA),
];
/// Configuration of Facebook Login for Business that yields a business's token for WhatsApp.
pub const WHATSAPP_CONFIG: &str = "880000000000001";

/// Tasks of a person who manages a Page.
const ALL_TASKS: [&str; 6] = ["MODERATE", "MESSAGING", "ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"];

/// Adds everything. Records that were kept from before stay as they are.
pub fn make(tx: &mut Transaction<'_>, config: &Config) {
    let world = tx.world;
    if !world.meta_apps.contains_key(&config.meta.app_id) {
        tx.put(&app(config));
    }
    for (id, name) in [(ANA, "Ana Lee"), (OMAR, "Omar Diaz")] {
        tx.put(&Person { id: id.into(), name: name.into() });
    }
    tx.put(&Business { id: BUSINESS.into(), name: "Lee Ventures".into(), people: vec![ANA.into()] });
    pages(tx);
    instagrams(tx);
    for (id, name, namespace) in [
        (WABA, "Bright Dental", "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9"),
        (LUNA_YOGA_WABA, "Luna Yoga", "5f1c2a0e_93b4_4d7a_8a51_6be0c7d1f2a3"),
    ] {
        tx.put(&Waba {
            id: id.into(),
            name: name.into(),
            business_id: BUSINESS.into(),
            currency: "USD".into(),
            timezone_id: "7".into(),
            namespace: namespace.into(),
            review_status: "APPROVED".into(),
            paid: true,
        });
    }
    for (id, number) in numbers(tx) {
        if !world.phone_numbers.contains_key(id) {
            tx.put(&number);
        }
    }
    demo_messages::make(tx);
}

fn app(config: &Config) -> MetaApp {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let whatsapp = LoginConfig {
        scopes: texts(&["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]),
        system_user: true,
    };
    let own = &config.meta;
    let below = |path: &str| own.product_url.as_ref().map_or_else(String::new, |url| format!("{url}{path}"));
    MetaApp {
        id: own.app_id.clone(),
        name: "Slipway".into(),
        secret: own.app_secret.clone(),
        ig_id: own.ig_app_id.clone(),
        ig_secret: own.ig_app_secret.clone(),
        verify_token: own.verify_token.clone(),
        callback_url: below("/api/webhooks/meta"),
        deauthorize_url: below("/api/meta/deauthorize"),
        data_deletion_url: below("/api/meta/data-deletion"),
        redirect_uris: own.redirect_uris.clone(),
        configs: [(WHATSAPP_CONFIG.to_owned(), whatsapp)].into(),
        ..MetaApp::default()
    }
}

fn pages(tx: &mut Transaction<'_>) {
    let tasks = |list: &[&str]| list.iter().map(|task| (*task).to_owned()).collect::<Vec<_>>();
    for (id, name, category, instagram, owned) in [
        (BRIGHT_DENTAL_PAGE, "Bright Dental", "Dentist", Some(BRIGHT_DENTAL_INSTAGRAM), true),
        (LUNA_YOGA_PAGE, "Luna Yoga", "Yoga Studio", Some(LUNA_YOGA_INSTAGRAM), false),
        (SUMMIT_REALTY_PAGE, "Summit Realty", "Real Estate Agent", None, false),
        (UNUSABLE_PAGE, "Cedar Dental", "Dentist", None, false),
    ] {
        let own = if id == UNUSABLE_PAGE { tasks(&["ANALYZE"]) } else { tasks(&ALL_TASKS) };
        let mut roles = std::collections::BTreeMap::from([(ANA.to_owned(), own)]);
        if id == LUNA_YOGA_PAGE {
            roles.insert(OMAR.into(), tasks(&["MODERATE", "MESSAGING"]));
        }
        tx.put(&Page {
            id: id.into(),
            name: name.into(),
            category: category.into(),
            business_id: owned.then(|| BUSINESS.into()),
            roles,
            instagram_id: instagram.map(str::to_owned),
        });
    }
}

fn instagrams(tx: &mut Transaction<'_>) {
    for (id, scoped, username, name, page) in [
        (BRIGHT_DENTAL_INSTAGRAM, "24000000000000001", "brightdental", "Bright Dental", BRIGHT_DENTAL_PAGE),
        (LUNA_YOGA_INSTAGRAM, "24000000000000002", "lunayoga", "Luna Yoga", LUNA_YOGA_PAGE),
    ] {
        tx.put(&InstagramAccount {
            id: id.into(),
            app_scoped_id: scoped.into(),
            username: username.into(),
            name: name.into(),
            account_type: "BUSINESS".into(),
            page_id: Some(page.into()),
            message_access: true,
        });
    }
}

fn numbers(tx: &Transaction<'_>) -> [(&'static str, PhoneNumber); 3] {
    let common = |(id, waba): (&str, &str), display: &str, name: &str, days: i64| PhoneNumber {
        id: id.into(),
        waba_id: waba.into(),
        display: display.into(),
        verified_name: name.into(),
        tier: "TIER_2K".into(),
        created_at: tx.now - TimeDelta::days(days),
        ..PhoneNumber::default()
    };
    let verified = |number| PhoneNumber {
        code_verification_status: "VERIFIED".into(),
        quality_rating: "GREEN".into(),
        name_status: "APPROVED".into(),
        ..number
    };
    let first = verified(common((NUMBER, WABA), "+1 555-010-0001", "Bright Dental", 60));
    let second = PhoneNumber {
        code_verification_status: "NOT_VERIFIED".into(),
        quality_rating: "UNKNOWN".into(),
        name_status: "NONE".into(),
        ..common((SECOND_NUMBER, WABA), "+1 555-010-0002", "Bright Dental Service", 30)
    };
    let luna = verified(common((LUNA_YOGA_NUMBER, LUNA_YOGA_WABA), "+1 555-010-0003", "Luna Yoga", 20));
    [(NUMBER, first), (SECOND_NUMBER, second), (LUNA_YOGA_NUMBER, luna)]
}
