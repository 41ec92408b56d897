//! What do people call the browser and the system that sent a `User-Agent`?

/// A `User-Agent` also names older browsers, so the order of this list decides.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// The browser and the system of a `User-Agent`, as far as they are known.
#[must_use]
pub fn browser_and_system(agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let said = |list: &[(&'static str, &'static str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, word)| *word)
    };
    (said(&BROWSERS), said(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_name_counts() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(browser_and_system(chrome), (Some("Chrome"), Some("Linux")));
        assert_eq!(browser_and_system(&format!("{chrome} Edg/156.0")), (Some("Edge"), Some("Linux")));
        assert_eq!(browser_and_system("curl/8.5.0"), (None, None));
    }
}
