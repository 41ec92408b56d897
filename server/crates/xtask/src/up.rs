//! `cargo x up`: builds and runs the product from a fresh clone. `cargo x dev`: the same, rebuilt at every change.

use crate::site::{self, Profile};
use crate::world::{Plan, World};
use crate::{Result, http, place, run, say};
use embedded::process;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// The options that the person gave.
#[derive(Debug, PartialEq, Eq)]
struct UpOptions {
    profile: Profile,
    port: Option<u16>,
    demo: bool,
    fresh: bool,
}

/// Builds and starts the product, prints its addresses and waits for Ctrl-C.
pub fn up(words: &[String]) -> Result<()> {
    let options = options(words)?;
    let _alone = alone()?;
    let plan = plan(&options)?;
    if options.fresh {
        forget()?;
    }
    let site = site::build(options.profile)?;
    let mut world = World::prepare(site, &plan)?;
    say::step("starting the server…");
    world.serve(plan.listen)?;
    welcome(&plan, &world);
    wait(&mut world)
}

/// Runs the product, rebuilds it at every change and reloads the browser.
pub fn dev(words: &[String]) -> Result<()> {
    let options = options(words)?;
    let _alone = alone()?;
    let plan = plan(&options)?;
    let site = site::build(Profile::Debug)?;
    let folder = site.folder.clone();
    let mut world = World::prepare(site, &plan)?;
    welcome(&plan, &world);
    let mut watch = run::cargo(&["leptos", "watch", "--split", "--", "serve", "--with-worker"]);
    watch.envs(world.settings.iter().map(|(name, value)| (name, value)));
    watch.env("LEPTOS_SITE_ROOT", folder).env("LEPTOS_SITE_ADDR", plan.listen.to_string());
    world.children.start_aloud("cargo leptos watch", &mut watch)?;
    wait(&mut world)
}

/// Refuses a second world in this checkout, because both would write the same logs, simulator data and mails. The
/// lock ends with the process, however it ends.
fn alone() -> Result<File> {
    hold(&place::output_folder("logs").join("up.lock"))
}

fn hold(path: &Path) -> Result<File> {
    let opened = File::options().create(true).truncate(false).read(true).write(true).open(path);
    let mut lock = opened.map_err(|e| format!("{} cannot be opened: {e}", path.display()))?;
    if lock.try_lock().is_err() {
        let mut held = String::new();
        let _ = lock.read_to_string(&mut held);
        let holder = held.trim();
        return Err(format!(
            "This checkout runs already (process {holder}): stop it with Ctrl-C there, or use a second clone for a second world."
        )
        .into());
    }
    lock.set_len(0)?;
    write!(lock, "{}", std::process::id())?;
    Ok(lock)
}

fn options(words: &[String]) -> Result<UpOptions> {
    let mut options = UpOptions { profile: Profile::Debug, port: None, demo: true, fresh: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--release" => options.profile = Profile::Release,
            "--no-demo" => options.demo = false,
            "--fresh" => options.fresh = true,
            "--port" => {
                let port = words.next().and_then(|port| port.parse().ok());
                options.port = Some(port.ok_or("--port needs a number, as in `cargo x up --port 3100`.")?);
            }
            other => {
                return Err(format!("{other} is unknown; there are --release, --port N, --no-demo and --fresh.").into());
            }
        }
    }
    Ok(options)
}

fn plan(options: &UpOptions) -> Result<Plan> {
    let address = |name: &str, default: &str| -> Result<SocketAddr> {
        let text = place::setting(name).unwrap_or_else(|| default.to_owned());
        text.parse().map_err(|_| format!("{name} is {text}; it needs an address and a port, as in {default}.").into())
    };
    let mut listen = address("LISTEN_ADDR", "127.0.0.1:3000")?;
    if let Some(port) = options.port {
        listen.set_port(port);
    }
    if !http::is_free(listen) {
        let next = listen.port().saturating_add(1);
        return Err(format!(
            "Something listens at {listen} already: stop it, or choose another port: `cargo x up --port {next}`."
        )
        .into());
    }
    let mut simulator = address("SIMULATOR_ADDR", "127.0.0.1:4700")?;
    if !http::is_free(simulator) {
        simulator = http::free()?;
        say::warn(format!("the simulator's usual port is taken; it listens at {simulator} instead."));
    }
    Ok(Plan { data: place::data(), listen, simulator, demo: options.demo, test: false, mark: "" })
}

/// Deletes the embedded database, the simulator's data and the mails. Keeps everything else in the data folder.
fn forget() -> Result<()> {
    if place::setting("DATABASE_URL").is_some() {
        return Err(
            "--fresh forgets the embedded database only, and DATABASE_URL names another: empty that one yourself."
                .into(),
        );
    }
    embedded::forget(&place::data())?;
    for name in ["simulator", "mail"] {
        let _ = fs::remove_dir_all(place::data().join(name));
    }
    Ok(())
}

fn welcome(plan: &Plan, world: &World) {
    let (page, simulator) = (format!("http://{}", plan.listen), format!("http://{}/_sim", plan.simulator));
    say::step("running.");
    println!(
        "\n  Slipway       {page}\n  Simulator     {simulator}    (HighLevel's stand-in: its world, its journal, faults, mails)"
    );
    if plan.demo {
        println!("\n  Your first client in four clicks, without typing:");
        println!("    open {page}/login and enter as Maya Okafor, admin of an agency");
        println!("    New client, Use sample data, Create client");
        println!("    watch the eleven steps; the client is ready after half a minute");
        println!("  Then press Ctrl-C here in the middle of another one, start this again, and look.");
        println!("\n  An assistant that answers a customer:");
        println!("    open {simulator}/phone and ask Bright Dental: When are you open?");
        println!("    enter as Dr. Ana Lee, its owner; the answer waits in the inbox, with its source");
        println!("\n  The sign-in page offers every account of the demo world. Their password is slipway-demo:");
        for (email, who) in [
            ("maya@harbor.test", "admin of an agency: start here"),
            ("noah@harbor.test", "its staff"),
            ("owner@brightdental.test", "owner of a client"),
            ("tess@brightdental.test", "member of the client's team"),
            ("iris@lighthouse.test", "owner of an agency that has just signed up"),
            ("admin@slipway.test", "super admin of the platform"),
        ] {
            println!("    {email:<26}{who}");
        }
    } else {
        // The program's own output is printed: a link for the first super admin, or that there is one already.
        let said = world.slipway(&["create-admin", "--if-absent", "--email", "admin@slipway.test"]).output();
        let said =
            said.map(|said| String::from_utf8_lossy(&said.stdout).trim().replace('\n', "\n  ")).unwrap_or_default();
        println!("\n  {said}");
    }
    println!("\n  Logs are in target/logs. Ctrl-C stops everything.\n");
}

fn wait(world: &mut World) -> Result<()> {
    loop {
        if process::interrupted() {
            println!();
            say::step("stopping…");
            return Ok(());
        }
        if let Some(sentence) = world.children.ended() {
            return Err(sentence.into());
        }
        thread::sleep(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_checkout_holds_one_world_at_a_time() {
        let path = std::env::temp_dir().join(format!("slipway-alone-{}", std::process::id()));
        let first = hold(&path).expect("nobody holds it");
        let refused = hold(&path).expect_err("it is held");
        assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        hold(&path).expect("it is free again");
        let _ = fs::remove_file(path);
    }

    #[test]
    fn options_are_understood_and_others_named() {
        let options = options(&words("--release --port 3100 --no-demo")).expect("good options");
        assert_eq!(options, UpOptions { profile: Profile::Release, port: Some(3100), demo: false, fresh: false });
        assert!(super::options(&words("--prot 1")).is_err_and(|e| e.to_string().contains("--port N")));
        assert!(super::options(&words("--port many")).is_err());
    }
}
