//! What a person at a terminal reads when a setting is missing or wrong. Each sub-command, for each setting,
//! prints one sentence that names the setting, with no panic, no debug output and never a password. A reader that
//! closes the pipe early causes no failure.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use store::testing::TestDb;
use tokio::process::Command;

/// Every sub-command that reads settings.
const COMMANDS: [&[&str]; 13] = [
    &["serve"],
    &["serve", "--with-worker"],
    &["worker"],
    &["simulator"],
    &["migrate"],
    &["migrate", "--dry-run"],
    &["seed", "demo"],
    &["create-admin", "--email", "a@x.example"],
    &["token", "create", "--agency", "harbor", "--scopes", "provisioning", "--name", "t"],
    &["credentials", "export", "--agency", "harbor"],
    &["mcp", "--business", "bright"],
    &["verify-audit"],
    &["keys", "rotate"],
];

/// Each setting with an invalid value. If the setting holds a secret, the secret is `hush`.
const BROKEN: [(&str, &str); 12] = [
    ("SLIPWAY_ENV", "prod"),
    ("LISTEN_ADDR", "3000"),
    ("PUBLIC_URL", "app.example.com"),
    ("DATABASE_URL", "postgres://slipway:hush#hush@db:5432/slipway"),
    ("DATABASE_OWNER_URL", "postgres://postgres:hush/hush@db:5432/slipway"),
    ("SMTP_URL", "smtps://u:hush?hush@mail.example.com:465"),
    ("ENCRYPTION_KEY", "hush"),
    ("REQUIRE_STAFF_MFA", "perhaps"),
    ("GHL_BASE_URL", "services.example.com"),
    ("GHL_MARKETPLACE_URL", "ftp//x"),
    ("SIMULATOR_ADDR", "nowhere"),
    ("TIME_SCALE", "fast"),
];

/// A separate folder, in which a process finds nobody's settings.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("slipway-commands-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = embedded::forget(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[expect(clippy::disallowed_methods, reason = "where Postgres stands on this machine is a setting of whoever tests")]
fn slipway(words: &[&str], folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.args(words).current_dir(folder).env_clear().env("SLIPWAY_DATA", folder).env("RUST_LOG", "error");
    command.envs(std::env::var("PG_BIN").map(|folder| ("PG_BIN", folder)).ok());
    command.envs(settings.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// The output of a sub-command that must fail.
async fn refusal(words: &[&str], folder: &Path, settings: &[(&str, &str)]) -> String {
    let done = slipway(words, folder, settings).output().await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let at = format!("`{}` with {settings:?} said: {said}", words.join(" "));
    assert!(!done.status.success() && done.status.code().is_some(), "{at}");
    assert!((1..=3).contains(&said.trim().lines().count()), "{at}");
    for never in ["panicked", "RUST_BACKTRACE", "Error {", "Err(", "Os {", "hush", "Some(", "stack backtrace"] {
        assert!(!said.contains(never), "{never}: {at}");
    }
    said
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_named_by_every_sub_command() {
    let folder = Folder::new("broken");
    for words in COMMANDS {
        for (name, value) in BROKEN {
            let said = refusal(words, &folder.0, &[(name, value)]).await;
            assert!(said.contains(name), "{words:?} {name}: {said}");
        }
        let said = refusal(
            words,
            &folder.0,
            &[("SLIPWAY_ENV", "production"), ("PUBLIC_URL", "https://x.example"), ("SMTP_URL", "folder")],
        );
        let said = said.await;
        assert!(said.contains("ENCRYPTION_KEY") && said.contains("DATABASE_URL"), "{words:?}: {said}");
    }
}

#[tokio::test]
async fn a_line_of_the_settings_file_that_cannot_be_read_is_named() {
    let folder = Folder::new("file");
    for (line, name) in [
        ("MAIL_FROM=Slipway <hush@example.com>", "MAIL_FROM"),
        ("DATABASE_URL=postgres://slipway:hu$hush@db:5432/slipway", "DATABASE_URL"),
    ] {
        std::fs::write(folder.0.join(".env"), line).unwrap();
        let said = refusal(&["migrate"], &folder.0, &[]).await;
        assert!(said.contains(name) && said.contains("single quotes"), "{said}");
    }
}

/// The address of a test's database with a different user and database.
fn address(test: &TestDb, user: &str, database: Option<&str>) -> String {
    let mut url = url::Url::parse(&test.url()).unwrap();
    url.set_username(user).unwrap();
    url.set_password(Some("hush")).unwrap();
    if let Some(name) = database {
        url.set_path(name);
    }
    url.to_string()
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_told_of_once_with_the_remedy() {
    let folder = Folder::new("database");
    let test = TestDb::new().await;
    let silent = "postgres://slipway:hush@127.0.0.1:1/slipway";
    let stranger = address(&test, "nobody_of_this_name", None);
    let nowhere = address(&test, "slipway", Some("no_database_of_this_name"));
    let mut asked = tokio::task::JoinSet::new();
    for words in COMMANDS.into_iter().filter(|words| words[0] != "simulator") {
        let setting = if words[0] == "migrate" { "DATABASE_OWNER_URL" } else { "DATABASE_URL" };
        for (url, wanted) in [
            (silent, "does not answer"),
            (stranger.as_str(), "does not take the user or password"),
            (nowhere.as_str(), "no database of the name"),
        ] {
            let (folder, url) = (folder.0.clone(), url.to_owned());
            asked.spawn(async move {
                let settings = [("DATABASE_URL", url.as_str()), ("DATABASE_OWNER_URL", url.as_str())];
                let said = refusal(words, &folder, &settings).await;
                assert!(said.contains(setting) && said.contains(wanted), "{words:?}: {said}");
                assert_eq!(said.trim().lines().count(), 1, "{said}");
            });
        }
    }
    while let Some(done) = asked.join_next().await {
        done.unwrap();
    }
    let said = refusal(&["worker"], &folder.0, &[("DATABASE_URL", &test.owner_url())]).await;
    assert!(said.contains("DATABASE_URL signs in as a superuser"), "{said}");
    let said = refusal(&["migrate"], &folder.0, &[("DATABASE_URL", &test.url())]).await;
    assert!(said.contains("DATABASE_OWNER_URL is missing"), "{said}");
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = Folder::new("pipe");
    for words in [&["check-config"][..], &["gen-env"], &["simulator", "--print-env"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = slipway(words, &folder.0, &[]).stdout(writer).output().await.unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.is_empty(), "{words:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_first_starts_on_an_empty_folder_wait_for_each_other() {
    let folder = Folder::new("first");
    let words = ["create-admin", "--if-absent", "--email", "a@x.example"];
    let all = (0..3).map(|_| {
        let mut command = slipway(&words, &folder.0, &[]);
        async move { command.output().await.unwrap() }
    });
    let done = futures::future::join_all(all).await;
    let mut links = 0;
    for one in done {
        let said = format!("{}{}", String::from_utf8_lossy(&one.stdout), String::from_utf8_lossy(&one.stderr));
        assert!(one.status.success(), "{said}");
        links += usize::from(said.contains("/password/"));
    }
    assert_eq!(links, 1, "one of them makes the first super admin");
}
