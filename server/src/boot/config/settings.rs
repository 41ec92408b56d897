//! Which settings are there? One line for each, for people.

/// Description of one setting, for people.
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What applies when it is not set, in words.
    pub default: &'static str,
    /// True if its value must never be shown.
    pub secret: bool,
}

const fn open(name: &'static str, meaning: &'static str, default: &'static str) -> Setting {
    Setting { name, meaning, default, secret: false }
}

const fn secret(name: &'static str, meaning: &'static str, default: &'static str) -> Setting {
    Setting { name, meaning, default, secret: true }
}

/// Every setting of the product.
pub const SETTINGS: &[Setting] = &[
    open("SLIPWAY_ENV", "environment: development or production", "development"),
    open("LISTEN_ADDR", "address to listen on", "127.0.0.1:3000"),
    open("PUBLIC_URL", "address at which people and platforms reach this installation", "http://LISTEN_ADDR"),
    secret("DATABASE_URL", "address of Postgres, with the login role slipway", "embedded Postgres under SLIPWAY_DATA"),
    secret(
        "DATABASE_LISTEN_URL",
        "address of Postgres for notices; needed if DATABASE_URL goes through a pooler",
        "DATABASE_URL",
    ),
    secret(
        "DATABASE_OWNER_URL",
        "address of Postgres, with a role that may run migrations",
        "derived for the embedded one",
    ),
    open("PG_BIN", "folder of the binaries for the embedded Postgres", "the system's"),
    open("SLIPWAY_DATA", "data folder", ".slipway in the working folder"),
    open("FILES_PER_CLIENT_GB", "most gigabytes of files of messages that are stored for one client", "5"),
    open("FILES_KEPT_MONTHS", "months after which files of messages are erased", "18"),
    open("TOOL_PROCESSES", "most processes of tool servers at once beside pages", "8"),
    open("TOOL_MEMORY_MB", "megabytes of memory of one process of a tool server", "256"),
    open("TOOL_CGROUP", "folder of the control group (cgroup v2) that is divided among tool servers", "none"),
    open("SITE_ROOT", "folder of the built styles, scripts and public files", "target/site"),
    secret(
        "ENCRYPTION_KEY",
        "64 hex characters, or several keys as id:hex,id:hex; the first is the primary key",
        "made and kept in development",
    ),
    open(
        "SUPER_ADMIN_EMAIL",
        "email address of the first super admin, who is created at start if there is none",
        "none",
    ),
    open(
        "REQUIRE_STAFF_MFA",
        "whether platform and agency staff need a second factor: true or false",
        "true in production",
    ),
    open("GHL_CLIENT_ID", "HighLevel marketplace app: client id", "none"),
    secret("GHL_CLIENT_SECRET", "HighLevel marketplace app: client secret", "none"),
    open("GHL_APP_ID", "HighLevel marketplace app: app id", "the client id up to its first hyphen"),
    open("GHL_BASE_URL", "HighLevel's API host", "https://services.leadconnectorhq.com"),
    open("GHL_MARKETPLACE_URL", "HighLevel's consent host", "https://marketplace.gohighlevel.com"),
    open(
        "GHL_WHITELABEL_URL",
        "HighLevel's consent host for white-labelled agencies",
        "https://marketplace.leadconnectorhq.com, or GHL_MARKETPLACE_URL where that is set",
    ),
    open(
        "GHL_WEBHOOK_PUBLIC_KEYS",
        "keys with which HighLevel signs events: Ed25519 public keys as PEM, Base64 or hex, separated by commas",
        "HighLevel's published key",
    ),
    open(
        "GHL_WEBHOOK_LEGACY",
        "whether an event of HighLevel without X-GHL-Signature may have the older X-WH-Signature: true or false",
        "false",
    ),
    secret(
        "SMTP_URL",
        "smtp(s)://user:password@host:port, or `folder` to write mails as files to SLIPWAY_DATA/mail",
        "folder",
    ),
    open("MAIL_FROM", "sender address of mails", "Slipway <no-reply@localhost>"),
    open(
        "TRUSTED_PROXIES",
        "addresses or networks, separated by commas, of the proxies whose X-Forwarded-* and Forwarded are trusted",
        "this machine alone",
    ),
    secret(
        "METRICS_TOKEN",
        "bearer token of /metrics; in production, nobody can read the metrics without it",
        "this machine alone",
    ),
    open("META_APP_ID", "Meta app: app id", "none"),
    secret("META_APP_SECRET", "Meta app: secret, which also signs what Meta sends", "none"),
    secret("META_WEBHOOK_VERIFY_TOKEN", "Meta app: verification token of its webhooks", "none"),
    open(
        "META_CONFIG_ID",
        "Meta app: configuration of Facebook Login for Business, with which WhatsApp is connected in a window (Embedded Signup)",
        "none",
    ),
    open("META_IG_APP_ID", "Meta app: Instagram app id", "none"),
    secret("META_IG_APP_SECRET", "Meta app: Instagram app secret, which also signs what Instagram sends", "none"),
    open("META_GRAPH_URL", "Meta's API host", "https://graph.facebook.com"),
    open("META_DIALOG_URL", "Meta's consent host", "https://www.facebook.com"),
    open("META_GRAPH_VERSION", "version of Meta's API", "v23.0"),
    open("META_IG_GRAPH_URL", "Instagram's API host", "https://graph.instagram.com"),
    open("META_IG_DIALOG_URL", "Instagram's consent host", "https://www.instagram.com"),
    open(
        "META_IG_TOKEN_URL",
        "address at which Instagram exchanges codes",
        "https://api.instagram.com/oauth/access_token",
    ),
    open(
        "AI_PROVIDER",
        "what writes answers: local (the business's own knowledge, word for word), openai (any compatible address) or anthropic",
        "local",
    ),
    open("AI_BASE_URL", "address of the language model's API", "that of the provider"),
    secret("AI_API_KEY", "key of the language model's API", "none"),
    open("AI_MODEL", "name of the language model", "none"),
    open(
        "AI_PRICE_INPUT",
        "US dollars for a million tokens that the language model reads, such as 3 or 0.15",
        "unknown",
    ),
    open("AI_PRICE_OUTPUT", "US dollars for a million tokens that the language model writes", "unknown"),
    open("SIMULATOR_ADDR", "address of the simulator", "127.0.0.1:4700"),
    open("TIME_SCALE", "testing builds only: divides every wait; leases and deadlines by at most 50", "1"),
];
