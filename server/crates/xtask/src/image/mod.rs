//! Does the script that follows a deployment pass against the image? No container engine is needed: what the image holds is laid
//! out as a folder, started as the image starts it, with its variables alone and as its user, and asked through TLS with `curl`.
//! Database, HighLevel's stand-in and proxy stand beside it, as they do where it is deployed.

pub mod dockerfile;

use crate::children::Children;
use crate::scratch::Scratch;
use crate::site::{self, Profile, Site};
use crate::tally::Tally;
use crate::{Result, apt, http, place, run, say};
use dockerfile::{AUTHORITIES, Stage, inside, write};
use embedded::{Postgres, process};
use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The script, word for word.
const SCRIPT: &str = include_str!("../../../../tests/whole/smoke.sh");
/// Its token for tools, which stands for one that a client's owner made.
const EXAMPLE_TOKEN: &str = "demo-token";
/// What it prints where the tokens were stored, and where a tool was called with them.
const ANSWERS: [&str; 2] = ["\"locationId\":\"123\"", "\"contacts\":[]"];
/// How long the files of a deployment let it take to end.
const GRACE: Duration = Duration::from_secs(40);
/// The name of the server among the processes and logs.
const SERVER: &str = "image";
/// The socket of Postgres in its folder.
const SOCKET: &str = ".s.PGSQL.5432";
/// The client of the script, and its owner.
const DEMO: &str = "
    insert into agencies (name, slug) values ('Demo', 'demo');
    insert into sub_accounts (agency_id, name, slug) select id, 'Demo', 'demo' from agencies where slug = 'demo';
    insert into users (email, name) values ('owner@demo.test', 'Owner');
    insert into user_sub_account_memberships (agency_id, sub_account_id, user_id, role_id, kind)
      select client.agency_id, client.id, person.id, role.id, 'member'
      from sub_accounts client, users person, roles role
      where client.slug = 'demo' and person.email = 'owner@demo.test' and role.is_builtin and role.key = 'business_owner';
";

/// A certificate for this machine, which is its own authority.
const CERTIFICATE: &str = "
[req]
distinguished_name = name
x509_extensions = ours
prompt = no
[name]
CN = 127.0.0.1
[ours]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
";

/// A proxy with TLS: for each `from=to` it takes connections at one port and passes them on to the other.
const PROXY: &str = "
const { readFileSync } = require('node:fs'), { connect } = require('node:net'), { createServer } = require('node:tls');
const [folder, ...pairs] = process.argv.slice(1);
const own = { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) };
for (const [from, to] of pairs.map((pair) => pair.split('='))) {
  createServer(own, (outer) => {
    const inner = connect(to, '127.0.0.1');
    outer.pipe(inner).pipe(outer);
    outer.on('error', () => inner.destroy());
    inner.on('error', () => outer.destroy());
  }).listen(from, '127.0.0.1');
}
";

/// Builds, and runs the script.
pub fn run(words: &[String]) -> Result<Tally> {
    if !words.is_empty() {
        return Err("`cargo x image` takes no words.".into());
    }
    on(&site::build(Profile::Testing)?)
}

/// Lays the image out with this build and runs the script against it.
pub fn on(site: &Site) -> Result<Tally> {
    tools()?;
    let stage = dockerfile::last_stage()?;
    let scratch = Scratch::new("image")?;
    let postgres = database(&scratch)?;
    let folder = scratch.path();
    let mut children = Children::default();
    let ports = Ports::free()?;
    certify(&folder.join("tls"))?;
    let mut image = Image::lay_out(&stage, site, folder)?;
    beside(&mut children, site, &ports, folder)?;
    image.deploy(&postgres, &ports)?;
    image.prepare(&postgres)?;
    say::step("starting what the image holds…");
    let words: Vec<&str> = stage.words.iter().map(String::as_str).collect();
    children.start(SERVER, &mut image.command(&words))?;
    let listen = ports.listen;
    children.until("The image", Duration::from_secs(90), || http::status(listen, "/health") == Some(200))?;
    image.is_healthy(&ports)?;
    image.smoke(&ports)?;
    if cfg!(target_os = "linux") && processes_in(&image.layout).is_empty() {
        return Err("What the image holds runs, but no process of it is found.".into());
    }
    let status = children.ask_to_end(SERVER, GRACE)?;
    if !status.success() {
        return Err(format!("What the image holds ended with {status}: see target/logs/{SERVER}.log.").into());
    }
    let left = processes_in(&image.layout);
    if !left.is_empty() {
        return Err(format!("It left processes behind: {}", left.join(", ")).into());
    }
    Ok(Tally::one(true, "the script against the image"))
}

/// Finds the programs that the script and the certificate need, and installs what is missing.
fn tools() -> Result<()> {
    for name in ["curl", "jq", "openssl"] {
        if place::program(name).is_none() && !apt::install(&[name], name) {
            return Err(format!("{name} is missing: install it, so that the script can run against the image.").into());
        }
    }
    Ok(())
}

/// Where everything listens.
struct Ports {
    listen: SocketAddr,
    public: SocketAddr,
    simulator: SocketAddr,
    highlevel: SocketAddr,
}

impl Ports {
    fn free() -> Result<Self> {
        Ok(Self { listen: http::free()?, public: http::free()?, simulator: http::free()?, highlevel: http::free()? })
    }
}

/// Starts a database that the image's user may reach, too.
fn database(scratch: &Scratch) -> Result<Postgres> {
    let postgres = scratch.postgres()?;
    postgres.ensure_database("slipway")?;
    if process::effective_user() == 0 {
        let folder = postgres.socket_folder();
        fs::set_permissions(folder, Permissions::from_mode(0o711))?;
        fs::set_permissions(folder.join(SOCKET), Permissions::from_mode(0o777))?;
    }
    Ok(postgres)
}

/// Makes a key and its certificate.
fn certify(folder: &Path) -> Result<()> {
    let file = |name: &str| folder.join(name);
    write(&file("openssl.cnf"), CERTIFICATE.as_bytes())?;
    let mut command = run::command("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config"]).arg(file("openssl.cnf"));
    command.arg("-keyout").arg(file("key.pem")).arg("-out").arg(file("cert.pem"));
    run::output(&mut command).map(|_| ()).ok_or_else(|| "openssl makes no certificate.".into())
}

/// Starts what stands beside the image: HighLevel's stand-in, and a proxy before it and before the product.
fn beside(children: &mut Children, site: &Site, ports: &Ports, folder: &Path) -> Result<()> {
    let mut simulator = Command::new(&site.program);
    simulator.arg("simulator").env_clear().current_dir(folder).env("SLIPWAY_DATA", folder.join("highlevel"));
    simulator.env("SIMULATOR_ADDR", ports.simulator.to_string()).env("LISTEN_ADDR", ports.listen.to_string());
    children.start("image-simulator", &mut simulator)?;
    let passed = |from: SocketAddr, to: SocketAddr| format!("{}={}", from.port(), to.port());
    let mut proxy = run::command("node");
    proxy.args(["--eval", PROXY]).arg(folder.join("tls"));
    proxy.args([passed(ports.public, ports.listen), passed(ports.highlevel, ports.simulator)]);
    children.start("image-proxy", &mut proxy)?;
    let accepts = |address: SocketAddr| TcpStream::connect(address).is_ok();
    let ready =
        || http::status(ports.simulator, "/_sim").is_some() && accepts(ports.public) && accepts(ports.highlevel);
    children.until("What stands beside the image", Duration::from_secs(60), ready)
}

/// The image as a folder, and the settings of its deployment.
struct Image<'a> {
    stage: &'a Stage,
    layout: PathBuf,
    settings: Vec<(String, String)>,
}

impl<'a> Image<'a> {
    /// Everything but the folder for data belongs to whoever runs this, so the image's user cannot write it.
    fn lay_out(stage: &'a Stage, site: &Site, folder: &Path) -> Result<Self> {
        // As the system names it in its list of processes.
        let layout = folder.canonicalize()?.join("layout");
        stage.lay_out(site, &layout)?;
        let authorities = inside(&layout, AUTHORITIES);
        let trusted = [fs::read(&authorities)?, b"\n".to_vec(), fs::read(folder.join("tls/cert.pem"))?].concat();
        write(&authorities, &trusted)?;
        let data = inside(&layout, &stage.data);
        fs::create_dir_all(&data)?;
        fs::set_permissions(&data, Permissions::from_mode(0o700))?;
        if process::effective_user() == 0 {
            chown(&data, Some(stage.user), Some(stage.user))?;
        }
        // A path of the image begins in its folder. Programs would look for the authorities below the machine's own root.
        let path = |value: &str| inside(&layout, value).to_string_lossy().into_owned();
        let moved = |value: &String| if value.starts_with('/') { path(value) } else { value.clone() };
        let mut settings: Vec<_> = stage.variables.iter().map(|(name, value)| (name.clone(), moved(value))).collect();
        settings.push(("SSL_CERT_FILE".to_owned(), path(AUTHORITIES)));
        Ok(Self { stage, layout, settings })
    }

    /// Adds the settings that a deployment gives: those that the program writes, filled in.
    fn deploy(&mut self, postgres: &Postgres, ports: &Ports) -> Result<()> {
        let written = self.said(&["gen-env"])?;
        let pairs = written.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let own = pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()));
        // Only the command that migrates gets the owner's address.
        let own: Vec<_> = own.filter(|(name, _)| name != "DATABASE_OWNER_URL" && name != "POSTGRES_PASSWORD").collect();
        self.settings.extend(own);
        let listen = SocketAddr::from(([0, 0, 0, 0], ports.listen.port()));
        for (name, value) in [
            ("LISTEN_ADDR", listen.to_string()),
            ("PUBLIC_URL", format!("https://{}", ports.public)),
            ("DATABASE_URL", postgres.url("slipway", "slipway")),
            ("SMTP_URL", "folder".to_owned()),
            ("GHL_BASE_URL", format!("https://{}", ports.highlevel)),
        ] {
            self.settings.push((name.to_owned(), value));
        }
        Ok(())
    }

    /// Migrates the database, and adds the client of the script.
    fn prepare(&self, postgres: &Postgres) -> Result<()> {
        let mut migrate = self.command(&["migrate"]);
        run::quietly("migrating", migrate.env("DATABASE_OWNER_URL", postgres.superuser_url("slipway")))?;
        postgres.session("slipway")?.run(DEMO)?;
        Ok(())
    }

    /// A command of the program in the folder, with nothing in its environment but the settings, as the image's user.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(inside(&self.layout, &self.stage.program));
        command.args(words).stdin(Stdio::null()).env_clear();
        // Of two values of a name, the later one counts.
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.current_dir(inside(&self.layout, &self.stage.folder));
        if process::effective_user() == 0 {
            command.uid(self.stage.user).gid(self.stage.user);
        }
        command
    }

    /// What a command prints.
    fn said(&self, words: &[&str]) -> Result<String> {
        let done = self.command(words).output().map_err(|e| format!("The program cannot be started: {e}"))?;
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr);
            return Err(format!("`slipway {}` failed: {}", words.join(" "), why.trim()).into());
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// Makes a token as an operator does.
    fn token(&self, words: &[&str]) -> Result<String> {
        let said = self.said(&[["token", "create", "--name", "script"].as_slice(), words].concat())?;
        Ok(said.lines().last().unwrap_or_default().trim().to_owned())
    }

    /// Asks as the image's own check does, at the port that is free here.
    fn is_healthy(&self, ports: &Ports) -> Result<()> {
        let [program, words @ ..] = self.stage.health.as_slice() else { return Err("HEALTHCHECK is empty.".into()) };
        let (asked, here) = (format!("/{} ", self.stage.port), format!("/{} ", ports.listen.port()));
        let mut check = Command::new(program);
        check.args(words.iter().map(|word| word.replace(&asked, &here))).stdin(Stdio::null());
        let healthy = check.status().is_ok_and(|status| status.success());
        if healthy { Ok(()) } else { Err("HEALTHCHECK of the image says that it is not healthy.".into()) }
    }

    /// Runs the script through TLS, with tokens of its client.
    fn smoke(&self, ports: &Ports) -> Result<()> {
        let admin = self.token(&["--agency", "demo", "--scopes", "credentials"])?;
        let owner = self.token(&["--business", "demo", "--scopes", "tools", "--person", "owner@demo.test"])?;
        let mut script = Command::new("bash");
        script.args(["-euo", "pipefail", "-c", &SCRIPT.replace(EXAMPLE_TOKEN, &owner)]).env_clear();
        script.env("PATH", place::search_path()).env("CURL_CA_BUNDLE", inside(&self.layout, AUTHORITIES));
        script.env("PROD_URL", ports.public.to_string()).env("ADMIN_TOKEN", admin);
        let (status, text) = run::run_with_output("the script", &mut script)?;
        let missing = ANSWERS.iter().find(|answer| !text.contains(**answer));
        match (status.success(), missing) {
            (true, None) => Ok(()),
            (true, Some(answer)) => Err(format!("The script passed, but nothing answered {answer}.").into()),
            (false, _) => Err(format!("The script failed ({status}): see above and target/logs/{SERVER}.log.").into()),
        }
    }
}

/// The processes whose program or working folder lies in this folder, with their ids.
fn processes_in(layout: &Path) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let here = entries.filter(|entry| {
        let at = |link: &str| fs::read_link(entry.path().join(link)).is_ok_and(|path| path.starts_with(layout));
        at("exe") || at("cwd")
    });
    here.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
