//! Reads our Cargo.toml files. It knows just enough TOML for manifests in our style: one table per section, one
//! dependency per line.

use std::collections::BTreeMap;

/// The dependencies of one crate, by section.
#[derive(Debug, Default)]
pub struct Manifest {
    /// Name of the crate.
    pub name: String,
    /// Its folder, relative to the top level.
    pub folder: String,
    /// `[dependencies]`: name and the rest of the line.
    pub normal: BTreeMap<String, String>,
    /// `[dev-dependencies]`.
    pub dev: BTreeMap<String, String>,
}

/// Parses a manifest.
pub fn read(folder: &str, text: &str) -> Manifest {
    let mut manifest = Manifest { folder: folder.to_owned(), ..Manifest::default() };
    let mut section = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim().to_owned());
        let name = key.split('.').next().unwrap_or(key).trim_matches('"').to_owned();
        if section == "package" && key == "name" {
            manifest.name = value.trim_matches('"').to_owned();
        } else if section.ends_with("dev-dependencies") {
            manifest.dev.insert(name, value);
        } else if section.ends_with("dependencies") {
            manifest.normal.insert(name, value);
        }
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_manifest_is_read() {
        let text = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"c\"] }\n[dev-dependencies]\nd = \"1\"\n";
        let manifest = read("app/x", text);
        assert_eq!((manifest.name.as_str(), manifest.folder.as_str()), ("x", "app/x"));
        assert_eq!(manifest.normal.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(manifest.dev.contains_key("d"));
    }
}
