//! Makes an environment with the Python packages of a committed list, where this machine has a Python for them. It is made
//! anew only when the list or the Python has changed.

use crate::{Result, place, run, say};
use std::fs;
use std::path::PathBuf;

/// The oldest Python 3 that the packages run on.
const OLDEST: u32 = 11;

/// Returns the Python that has the packages of a folder's requirements.txt; `None` where no environment can be made.
pub fn install(folder: &str, what: &str) -> Result<Option<PathBuf>> {
    let list = place::root().join(folder).join("requirements.txt");
    let listed = fs::read_to_string(&list).map_err(|e| format!("{folder}/requirements.txt cannot be read: {e}"))?;
    let said = run::output(run::command("python3").arg("--version")).unwrap_or_default();
    if minor(&said).is_none_or(|minor| minor < OLDEST) {
        say::warn(format!("Python 3.{OLDEST} or newer is missing: {what} is left out."));
        return Ok(None);
    }
    let home = place::tools_folder().join("python");
    let (python, mark) = (home.join("bin/python"), home.join(".installed"));
    let wanted = format!("{said}{listed}");
    if python.is_file() && fs::read_to_string(&mark).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(Some(python));
    }
    say::step(format!("installing {what} (Python packages of {folder}/)…"));
    let mut make = run::command("python3");
    make.args(["-m", "venv", "--clear"]).arg(&home);
    if !run::logged("python3 -m venv", &mut make)?.0.success() {
        say::warn(format!("This Python makes no environments (on Debian install python3-venv): {what} is left out."));
        return Ok(None);
    }
    let mut pip = run::command(&python.to_string_lossy());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    // Built packages alone, so that installing them runs no code of theirs.
    pip.args(["--only-binary", ":all:", "--requirement"]).arg(list);
    run::quietly(&format!("pip install in {folder}"), &mut pip)?;
    fs::write(mark, wanted)?;
    Ok(Some(python))
}

/// The minor version in what `python3 --version` prints, such as `Python 3.11.7`.
fn minor(said: &str) -> Option<u32> {
    said.strip_prefix("Python 3.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn the_minor_version_is_read() {
        assert_eq!(minor("Python 3.11.7\n"), Some(11));
        assert_eq!(minor("Python 3.14.0rc2\n"), Some(14));
        assert_eq!(minor("Python 2.7.18\n"), None);
        assert_eq!(minor(""), None);
    }
}
