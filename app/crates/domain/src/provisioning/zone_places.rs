//! Which time zone does an address have? Told only when the place leaves no doubt, or all but a few of its towns agree.

use super::zones::of_country;
use crate::text;

/// The states, provinces and territories whose towns have a zone, by country: their names and codes in small letters.
const REGIONS: [(&str, &str, &str); 14] = [
    (
        "US",
        "America/New_York",
        "ct connecticut de delaware dc district-of-columbia fl florida ga georgia me maine md maryland ma massachusetts \
         nh new-hampshire nj new-jersey ny new-york nc north-carolina oh ohio pa pennsylvania ri rhode-island \
         sc south-carolina vt vermont va virginia wv west-virginia",
    ),
    ("US", "America/Detroit", "mi michigan"),
    ("US", "America/Indiana/Indianapolis", "in indiana"),
    (
        "US",
        "America/Chicago",
        "al alabama ar arkansas il illinois ia iowa la louisiana mn minnesota ms mississippi mo missouri ok oklahoma \
         tx texas wi wisconsin ks kansas ne nebraska nd north-dakota sd south-dakota",
    ),
    ("US", "America/Denver", "co colorado mt montana nm new-mexico ut utah wy wyoming"),
    ("US", "America/Phoenix", "az arizona"),
    ("US", "America/Los_Angeles", "ca california nv nevada wa washington or oregon"),
    ("US", "America/Anchorage", "ak alaska"),
    ("US", "Pacific/Honolulu", "hi hawaii"),
    ("CA", "America/Toronto", "on ontario qc quebec"),
    ("CA", "America/Vancouver", "bc british-columbia"),
    ("CA", "America/Edmonton", "ab alberta nt northwest-territories"),
    ("CA", "America/Winnipeg", "mb manitoba"),
    ("CA", "America/Halifax", "ns nova-scotia pe prince-edward-island"),
];

/// The rest of the regions, each with a zone of its own.
const MORE_REGIONS: [(&str, &str, &str); 12] = [
    ("CA", "America/Moncton", "nb new-brunswick"),
    ("CA", "America/St_Johns", "nl newfoundland newfoundland-and-labrador"),
    ("CA", "America/Regina", "sk saskatchewan"),
    ("CA", "America/Whitehorse", "yt yukon"),
    ("AU", "Australia/Sydney", "nsw new-south-wales act australian-capital-territory"),
    ("AU", "Australia/Melbourne", "vic victoria"),
    ("AU", "Australia/Brisbane", "qld queensland"),
    ("AU", "Australia/Adelaide", "sa south-australia"),
    ("AU", "Australia/Darwin", "nt northern-territory"),
    ("AU", "Australia/Perth", "wa western-australia"),
    ("AU", "Australia/Hobart", "tas tasmania"),
    ("US", "America/Boise", "id idaho"),
];

/// American postal codes, by their first three digits, in the parts of a state that have another zone than its region
/// above, and in the states with two zones, which are not above.
const SPLIT: [(u16, u16, &str); 19] = [
    (324, 325, "America/Chicago"),
    (370, 372, "America/Chicago"),
    (373, 374, "America/New_York"),
    (376, 379, "America/New_York"),
    (380, 385, "America/Chicago"),
    (400, 418, "America/New_York"),
    (420, 424, "America/Chicago"),
    (425, 426, "America/New_York"),
    (427, 427, "America/New_York"),
    (463, 464, "America/Chicago"),
    (476, 477, "America/Chicago"),
    (498, 498, "America/Detroit"),
    (577, 577, "America/Denver"),
    (586, 586, "America/Denver"),
    (691, 693, "America/Denver"),
    (798, 799, "America/Denver"),
    (835, 835, "America/Los_Angeles"),
    (838, 838, "America/Los_Angeles"),
    (885, 885, "America/Denver"),
];

/// The states of American postal codes, by their first three digits, up to and including the second.
const STATES: [(u16, u16, &str); 53] = [
    (5, 5, "ny"),
    (10, 27, "ma"),
    (28, 29, "ri"),
    (30, 38, "nh"),
    (39, 49, "me"),
    (50, 59, "vt"),
    (60, 69, "ct"),
    (70, 89, "nj"),
    (100, 149, "ny"),
    (150, 196, "pa"),
    (197, 199, "de"),
    (200, 205, "dc"),
    (206, 219, "md"),
    (220, 246, "va"),
    (247, 268, "wv"),
    (270, 289, "nc"),
    (290, 299, "sc"),
    (300, 319, "ga"),
    (320, 349, "fl"),
    (350, 369, "al"),
    (386, 397, "ms"),
    (398, 399, "ga"),
    (430, 459, "oh"),
    (460, 479, "in"),
    (480, 499, "mi"),
    (500, 528, "ia"),
    (530, 549, "wi"),
    (550, 567, "mn"),
    (570, 577, "sd"),
    (580, 588, "nd"),
    (590, 599, "mt"),
    (600, 629, "il"),
    (630, 658, "mo"),
    (660, 679, "ks"),
    (680, 693, "ne"),
    (700, 714, "la"),
    (716, 729, "ar"),
    (730, 732, "ok"),
    (733, 733, "tx"),
    (734, 749, "ok"),
    (750, 799, "tx"),
    (800, 816, "co"),
    (820, 831, "wy"),
    (832, 838, "id"),
    (840, 847, "ut"),
    (850, 865, "az"),
    (870, 884, "nm"),
    (885, 885, "tx"),
    (889, 898, "nv"),
    (900, 961, "ca"),
    (967, 968, "hi"),
    (970, 979, "or"),
    (980, 994, "wa"),
];

/// The zone of an address, if country, state and postal code leave no doubt.
#[must_use]
pub fn zone_of_place(country: &str, state: &str, postal_code: &str) -> Option<&'static str> {
    let country = text::line(country).to_uppercase();
    if let [only] = of_country(&country).as_slice() {
        return Some(*only);
    }
    let by_code = (country == "US").then(|| by_postal_code(postal_code)).flatten();
    by_code.or_else(|| by_region(&country, &region(state)))
}

fn by_region(country: &str, region: &str) -> Option<&'static str> {
    let mut regions = REGIONS.iter().chain(&MORE_REGIONS).filter(|(of, ..)| *of == country);
    regions.find(|(.., names)| names.split_whitespace().any(|name| name == region)).map(|(_, zone, _)| *zone)
}

/// "New York" and "N.Y." as they stand in the table.
fn region(typed: &str) -> String {
    text::folded(typed).replace('.', "").split_whitespace().collect::<Vec<_>>().join("-")
}

/// The zone of an American postal code.
fn by_postal_code(typed: &str) -> Option<&'static str> {
    let digits: String = text::number(typed).chars().take(5).collect();
    // 96799 is American Samoa, far from the islands around it.
    if digits.len() != 5 || !digits.chars().all(|digit| digit.is_ascii_digit()) || digits == "96799" {
        return None;
    }
    let area: u16 = digits[..3].parse().ok()?;
    let within = |from: u16, to: u16| (from..=to).contains(&area);
    let split = SPLIT.iter().find(|(from, to, _)| within(*from, *to)).map(|(.., zone)| *zone);
    split.or_else(|| {
        let state = STATES.iter().find(|(from, to, _)| within(*from, *to)).map(|(.., state)| *state)?;
        by_region("US", state)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provisioning::is_timezone;

    #[test]
    fn an_address_has_a_zone_where_there_is_no_doubt() {
        for (country, state, code, zone) in [
            ("US", "FL", "", Some("America/New_York")),
            ("us", "New York", "", Some("America/New_York")),
            ("US", "", "33101", Some("America/New_York")),
            ("US", "Florida", "32501-1234", Some("America/Chicago")),
            ("US", "TX", "79901", Some("America/Denver")),
            ("US", "", "37402", Some("America/New_York")),
            ("US", "TN", "37201", Some("America/Chicago")),
            ("US", "TN", "", None),
            ("US", "AZ", "85001", Some("America/Phoenix")),
            ("US", "", "", None),
            ("CA", "Ontario", "M5V", Some("America/Toronto")),
            ("AU", "NSW", "2000", Some("Australia/Sydney")),
            ("GB", "", "", Some("Europe/London")),
            ("FR", "anything", "75001", Some("Europe/Paris")),
            ("BR", "SP", "", None),
            ("", "FL", "33101", None),
        ] {
            assert_eq!(zone_of_place(country, state, code), zone, "{country} {state} {code}");
        }
    }

    #[test]
    fn every_zone_of_the_tables_is_one() {
        let mut regions = REGIONS.iter().chain(&MORE_REGIONS).map(|(_, zone, _)| *zone);
        assert!(regions.all(is_timezone) && SPLIT.iter().all(|(.., zone)| is_timezone(zone)));
    }
}
