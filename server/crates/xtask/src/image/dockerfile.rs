//! What is in the image, and how is it started? The last stage of `server/Dockerfile` says so. It is read here, laid out as a
//! folder and measured. An instruction that is not understood is an error, so that the folder never differs from the image.

use crate::checks::Findings;
use crate::scratch::Scratch;
use crate::site::{self, Profile, Site};
use crate::{Result, place, run, say};
use std::fs;
use std::path::{Path, PathBuf};

/// The file of the authorities that the program trusts.
pub const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Where the stage that builds leaves the program and its pages.
const PROGRAM: &str = "/build/target/release/slipway";
const PAGES: &str = "/build/target/site";
/// Where a shell in the image finds programs by their names.
const PROGRAMS: &str = "/usr/local/bin";
/// The most bytes that a pull of the image adds to its base, compressed as a registry keeps them: of 120 MB that it may have,
/// `debian:bookworm-slim` takes 28.
const MOST_BYTES: u64 = 60_000_000;

/// The last stage.
#[derive(Debug, Default)]
pub struct Stage {
    /// What it takes from the stage that builds, and where it puts that.
    pub copies: Vec<(String, String)>,
    /// Its variables.
    pub variables: Vec<(String, String)>,
    /// The folder in which the program starts.
    pub folder: String,
    /// The user as which the program runs.
    pub user: u32,
    /// The port at which the program is reached.
    pub port: u16,
    /// The one folder that the program writes to.
    pub data: String,
    /// The command that says whether the program is healthy.
    pub health: Vec<String>,
    /// Where the program lies.
    pub program: String,
    /// What the program is told.
    pub words: Vec<String>,
    /// What runs while the stage is built.
    runs: Vec<String>,
}

/// Reads the last stage of the image's description.
pub fn last_stage() -> Result<Stage> {
    let path = place::root().join("server/Dockerfile");
    let text = fs::read_to_string(&path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    read(&text).map_err(|why| format!("server/Dockerfile: {why}").into())
}

fn read(text: &str) -> std::result::Result<Stage, String> {
    let joined = text.replace("\\\n", " ");
    let last = joined.rsplit("\nFROM ").next().unwrap_or_default();
    let mut stage = Stage::default();
    // The rest of its first line is the name of the base.
    for line in last.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let understood = line.split_once(' ').is_some_and(|(word, rest)| stage.add(word, rest.trim()).is_some());
        if !understood {
            return Err(format!(
                "`{line}` is not understood by server/crates/xtask/src/image/dockerfile.rs: write it otherwise, or teach it."
            ));
        }
    }
    stage.complete()?;
    Ok(stage)
}

impl Stage {
    /// Takes one instruction. `None` if it is not understood.
    fn add(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "RUN" => self.runs.push(rest.to_owned()),
            "COPY" => {
                let (from, to) = rest.strip_prefix("--from=build ")?.trim().split_once(' ')?;
                self.copies.push((from.to_owned(), to.trim().to_owned()));
            }
            "ENV" => {
                for pair in rest.split_whitespace() {
                    let (name, value) = pair.split_once('=')?;
                    self.variables.push((name.to_owned(), value.to_owned()));
                }
            }
            "WORKDIR" => rest.clone_into(&mut self.folder),
            "USER" => self.user = rest.parse().ok()?,
            "EXPOSE" => self.port = rest.parse().ok()?,
            "VOLUME" => rest.clone_into(&mut self.data),
            "STOPSIGNAL" => return (rest == "SIGTERM").then_some(()),
            "HEALTHCHECK" => self.health = list(rest.split_once("CMD ")?.1)?,
            "ENTRYPOINT" => match list(rest)?.as_slice() {
                [name] => self.program = format!("{PROGRAMS}/{name}"),
                _ => return None,
            },
            "CMD" => self.words = list(rest)?,
            _ => return None,
        }
        Some(())
    }

    /// Whether its parts fit one another.
    fn complete(&self) -> std::result::Result<(), String> {
        let value = |name: &str| self.variables.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let put = |from: &str| self.copies.iter().find(|(own, _)| own == from).map(|(_, to)| to.as_str());
        let made = |what: &str| self.runs.iter().any(|run| run.split_whitespace().any(|word| word == what));
        let (user, port) = (self.user.to_string(), format!(":{}", self.port));
        let asked = format!("/127.0.0.1/{}", self.port);
        let rules = [
            (self.user != 0, "USER is missing or root"),
            (made(&user), "RUN does not make the user that USER names"),
            (!self.data.is_empty() && made(&self.data), "RUN does not make the folder that VOLUME names"),
            (value("SLIPWAY_DATA") == Some(self.data.as_str()), "SLIPWAY_DATA is not the folder that VOLUME names"),
            (value("SITE_ROOT").is_some() && value("SITE_ROOT") == put(PAGES), "SITE_ROOT is not where the pages lie"),
            (value("LISTEN_ADDR").is_some_and(|at| at.ends_with(&port)), "LISTEN_ADDR has another port than EXPOSE"),
            (self.health.iter().any(|word| word.contains(&asked)), "HEALTHCHECK asks another port than EXPOSE names"),
            (put(PROGRAM) == Some(self.program.as_str()), "ENTRYPOINT is not the program that was built"),
            (put(AUTHORITIES) == Some(AUTHORITIES), "the authorities are not where programs look for them"),
            (!self.folder.is_empty(), "WORKDIR is missing"),
            (!self.words.is_empty(), "CMD is missing"),
        ];
        rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(format!("{why}.")))
    }

    /// Puts a build into a folder, each thing where the image has it.
    pub fn lay_out(&self, site: &Site, layout: &Path) -> Result<()> {
        for (from, to) in &self.copies {
            let to = inside(layout, to);
            match from.as_str() {
                PROGRAM => copy(&site.program, &to)?,
                PAGES => copy(&site.folder, &to)?,
                // Where this machine keeps them elsewhere, the image's own stage still has them.
                AUTHORITIES if !Path::new(AUTHORITIES).exists() => write(&to, &[])?,
                AUTHORITIES => copy(Path::new(AUTHORITIES), &to)?,
                other => return Err(format!("server/Dockerfile copies {other}, which no build here has.").into()),
            }
        }
        fs::create_dir_all(inside(layout, &self.folder))?;
        Ok(())
    }
}

/// A list of words in the form that is run without a shell.
fn list(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text.trim()).ok()
}

/// Where a path of the image lies in its folder.
pub fn inside(layout: &Path, path: &str) -> PathBuf {
    layout.join(path.trim_start_matches('/'))
}

/// Writes a file and makes the folders above it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, bytes).map_err(|e| format!("{} cannot be written: {e}", path.display()).into())
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map_err(|e| format!("{} cannot be copied: {e}", from.display()))?;
    Ok(())
}

/// Checks how much the image adds to its base, by the release build that `cargo x up --release` left, if there is one.
pub fn size() -> Findings {
    let program = place::root().join("target/bin/slipway-release");
    let site = Site { program, folder: site::folder(Profile::Release) };
    if !site.program.is_file() || !site.folder.is_dir() {
        return Findings::new();
    }
    match added(&site) {
        Ok(bytes) if bytes <= MOST_BYTES => Findings::new(),
        Ok(bytes) => {
            vec![format!("A pull of the image adds {bytes} bytes to its base ({MOST_BYTES} at most): make it smaller.")]
        }
        Err(why) => vec![format!("The size of the image cannot be told: {why}")],
    }
}

/// The bytes of a release build in the image, compressed.
fn added(site: &Site) -> Result<u64> {
    let stage = last_stage()?;
    let scratch = Scratch::new("image-size")?;
    stage.lay_out(site, scratch.path())?;
    // The stage that builds strips the program.
    let program = inside(scratch.path(), &stage.program);
    if run::output(run::command("strip").arg(&program)).is_none() {
        say::warn("strip is missing: the size of the image is that of a program with its symbols.");
    }
    let packed = "tar --create --file - . | gzip | wc --bytes";
    let counted = run::output(run::command("bash").args(["-o", "pipefail", "-c", packed]).current_dir(scratch.path()));
    counted.and_then(|bytes| bytes.trim().parse().ok()).ok_or_else(|| "tar or gzip failed".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> String {
        fs::read_to_string(place::root().join("server/Dockerfile")).unwrap()
    }

    #[test]
    fn the_last_stage_of_our_image_is_understood() {
        let stage = read(&ours()).unwrap();
        assert_eq!((stage.user, stage.port), (10_001, 3000));
        assert_eq!(stage.program, "/usr/local/bin/slipway");
        assert_eq!(stage.words, ["serve", "--with-worker"]);
        assert_eq!(stage.copies.len(), 3);
        assert!(stage.health[2].contains(r"HTTP/1.0\r\n") && stage.health[2].contains("\"$status\""));
    }

    #[test]
    fn a_change_that_the_folder_would_not_follow_is_refused() {
        for (old, new) in [
            ("USER 10001\n", "USER 10002\n"),
            ("USER 10001\n", ""),
            ("EXPOSE 3000", "EXPOSE 3001"),
            ("VOLUME /srv/slipway/data", "VOLUME /srv/slipway/files"),
            ("SITE_ROOT=/srv/slipway/site", "SITE_ROOT=/srv/slipway/pages"),
            ("target/release/slipway /usr/local/bin/slipway", "target/release/slipway /usr/bin/slipway"),
            ("ENTRYPOINT [\"slipway\"]", "ENTRYPOINT slipway"),
            ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL"),
            ("WORKDIR /srv/slipway\n", "WORKDIR /srv/slipway\nADD more /srv/more\n"),
        ] {
            let text = ours();
            assert!(text.contains(old), "{old}");
            let (before, last) = text.rsplit_once("\nFROM ").unwrap();
            assert!(read(&format!("{before}\nFROM {}", last.replace(old, new))).is_err(), "{old} became {new}");
        }
    }

    #[test]
    fn a_path_of_the_image_lies_in_the_folder() {
        assert_eq!(inside(Path::new("/tmp/x"), "/srv/slipway"), Path::new("/tmp/x/srv/slipway"));
    }
}
