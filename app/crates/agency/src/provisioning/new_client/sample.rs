//! Examples to try the form with. Their names differ, so that a second try is no duplicate.

use domain::snapshot::Snapshot;

use crate::provisioning::order_form::Fields;

/// Name, mail domain, person, street and tag of each example.
const SAMPLES: [(&str, &str, &str, &str, &str); 5] = [
    ("Coral Bay Dental", "coralbaydental.example", "Ana", "18 Harbor Street", "dental"),
    ("Northside Orthodontics", "northsideortho.example", "Leo", "4 Mill Lane", "dental"),
    ("Juniper Pilates", "juniperpilates.example", "Mia", "220 Elm Avenue", "fitness"),
    ("Old Town Realty", "oldtownrealty.example", "Sam", "7 Market Square", "real estate"),
    ("Sunny Smiles", "sunnysmiles.example", "Eva", "91 Ocean Drive", "dental"),
];

/// The example with this number, complete and valid.
#[must_use]
pub fn sample(turn: usize, snapshot: Option<String>) -> Fields {
    let (name, domain, first, street, tag) = SAMPLES[turn % SAMPLES.len()];
    let round = turn / SAMPLES.len();
    let name = if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) };
    let mail = if round == 0 { format!("owner@{domain}") } else { format!("owner{}@{domain}", round + 1) };
    let phone = format!("+130555501{:02}", turn % 100);
    let site = if round == 0 { format!("https://{domain}") } else { format!("https://{}.{domain}", round + 1) };
    let book = format!("https://{domain}/book");
    let pairs = [
        ("/client/name", name.as_str()),
        ("/client/email", &mail),
        ("/client/phone", &phone),
        ("/client/first_name", first),
        ("/client/last_name", "Lee"),
        ("/client/website", &site),
        ("/client/address", street),
        ("/client/city", "Miami"),
        ("/client/state", "FL"),
        ("/client/postal_code", "33101"),
        ("/client/country", "US"),
        ("/client/timezone", "America/New_York"),
        ("/custom_values/0/name", "Booking link"),
        ("/custom_values/0/value", &book),
        ("/tags", tag),
        ("/invite_owner", "on"),
    ];
    let mut fields: Fields = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if let Some(snapshot) = snapshot {
        fields.insert("/snapshot_id".to_owned(), snapshot);
    }
    fields
}

/// The snapshot for the trade of the example with this number, by its name or industry; or else the first one on offer.
#[must_use]
pub fn fitting(turn: usize, snapshots: &[Snapshot]) -> Option<String> {
    let trade = SAMPLES[turn % SAMPLES.len()].4;
    let names = |one: &Snapshot| [Some(one.name.clone()), one.niche.clone()];
    let fits = |one: &&Snapshot| names(one).into_iter().flatten().any(|name| name.to_lowercase().contains(trade));
    snapshots.iter().find(fits).or_else(|| snapshots.first()).map(|one| one.id.to_string())
}

#[cfg(test)]
mod tests {
    use domain::SnapshotId;

    use super::*;
    use crate::provisioning::order_form::read;

    #[test]
    fn every_example_passes_the_check_and_none_repeats() {
        let mut seen = std::collections::BTreeSet::new();
        for turn in 0..40 {
            let fields = sample(turn, None);
            let order = read(&fields).check().unwrap();
            assert!(seen.insert(order.client.name.clone()), "{}", order.client.name);
            assert!(seen.insert(order.client.email.clone()));
        }
    }

    #[test]
    fn an_example_gets_the_snapshot_of_its_trade() {
        let snapshot = |n: u128, name: &str, niche: Option<&str>| Snapshot {
            id: SnapshotId(uuid::Uuid::from_u128(n)),
            ghl_snapshot_id: String::new(),
            name: name.to_owned(),
            niche: niche.map(str::to_owned),
            description: None,
            is_active: true,
            kind: None,
            last_seen_at: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        };
        let all = [snapshot(1, "Starter", Some("Fitness")), snapshot(2, "Dental Pro", None)];
        let chosen = |turn| fitting(turn, &all);
        assert_eq!((chosen(0), chosen(2)), (Some(all[1].id.to_string()), Some(all[0].id.to_string())));
        assert_eq!((chosen(3), fitting(0, &[])), (Some(all[0].id.to_string()), None), "or else the first one");
    }
}
