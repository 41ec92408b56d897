//! Knows all folders and settings that the commands use. Tools and compiled code go to a cache outside the
//! checkout, so that a second clone reuses them. This is the only file of the crate that reads the environment.
#![expect(clippy::disallowed_methods, reason = "the developer's commands have settings of their own, read here alone")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns an environment variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The root folder of the checkout.
pub fn root() -> PathBuf {
    let here =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(3).map_or(here.clone(), Path::to_owned)
}

/// Folder for everything that outlives a checkout: tools, compiled code, downloaded programs.
pub fn cache() -> PathBuf {
    variable("SLIPWAY_CACHE")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(|path| Path::new(&path).join("slipway")))
        .or_else(|| variable("HOME").map(|path| Path::new(&path).join(".cache/slipway")))
        .unwrap_or_else(|| root().join("target/cache"))
}

/// Folder for the tools that cargo installs for us.
pub fn tools() -> PathBuf {
    cache().join("tools")
}

/// The same folder, created if it is missing.
pub fn tools_folder() -> PathBuf {
    let folder = tools();
    // A failure shows when a program is started in this folder.
    let _ = fs::create_dir_all(&folder);
    folder
}

/// Folder for compiled code: `CARGO_TARGET_DIR` if it is set, else a folder in the cache.
pub fn target() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| cache().join("target"), |path| root().join(path))
}

/// The same folder, created if it is missing.
pub fn target_folder() -> PathBuf {
    let folder = target();
    // A failure shows at the first write to the folder, with its path.
    let _ = fs::create_dir_all(&folder);
    folder
}

/// Folder in the checkout for the output of a command: logs, figures, copies of the programs it runs. Created if
/// it is missing.
pub fn output_folder(name: &str) -> PathBuf {
    let folder = root().join("target").join(name);
    // A failure shows at the first write to the folder, with its path.
    let _ = fs::create_dir_all(&folder);
    folder
}

/// The data folder of the product.
pub fn data() -> PathBuf {
    setting("SLIPWAY_DATA").map_or_else(|| root().join(".slipway"), |path| root().join(path))
}

/// Returns a setting of the product from the environment, or else from `.env`.
pub fn setting(name: &str) -> Option<String> {
    variable(name).or_else(|| {
        let file = fs::read_to_string(root().join(".env")).ok()?;
        file.lines().find_map(|line| assigned(line, name))
    })
}

/// The search path for all programs we start: our tools, the CSS tools, then rustup's programs before the
/// system's.
pub fn search_path() -> String {
    let home = variable("CARGO_HOME").map(PathBuf::from).or_else(|| Some(Path::new(&variable("HOME")?).join(".cargo")));
    let mut folders =
        vec![tools().join("bin"), root().join("style/node_modules/.bin"), tools().join("node_modules/.bin")];
    folders.extend(home.map(|home| home.join("bin")));
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::join_paths(folders).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Returns the location of a program on that path.
pub fn program(name: &str) -> Option<PathBuf> {
    env::split_paths(&search_path()).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Returns the value that a line such as `NAME=value` or `export NAME="value"` assigns to `name`.
fn assigned(line: &str, name: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("export ");
    let (found, value) = line.split_once('=')?;
    let value = value.trim().trim_matches('"').trim_matches('\'');
    (found.trim() == name && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::assigned;

    #[test]
    fn settings_are_read_as_people_write_them() {
        assert_eq!(assigned("export A=\"b c\"", "A").as_deref(), Some("b c"));
        assert_eq!(assigned("A = b", "A").as_deref(), Some("b"));
        assert_eq!(assigned("# A=b", "A"), None);
        assert_eq!(assigned("A=", "A"), None);
    }
}
