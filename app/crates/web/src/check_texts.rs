//! What do the checks of an installation say in each language? One field for each text; the compiler refuses a language
//! that lacks one.

use domain::language::Language;

/// The texts of one language.
pub(crate) struct Texts {
    pub database: &'static str,
    pub database_answers: &'static str,
    pub database_silent: &'static str,
    pub migrations: &'static str,
    pub schema_fits: &'static str,
    pub schema_differs: &'static str,
    pub key: &'static str,
    pub key_opens: &'static str,
    pub mail: &'static str,
    pub mails_leave: &'static str,
    pub mails_stay: &'static str,
    pub highlevel: &'static str,
    /// The public address.
    pub highlevel_ready: fn(&str) -> String,
    pub highlevel_missing: &'static str,
    pub address: &'static str,
    /// The public address.
    pub not_encrypted: fn(&str) -> String,
    /// The public address.
    pub reached: fn(&str) -> String,
    /// The host of the request, and the public address.
    pub other_host: fn(&str, &str) -> String,
    /// The public address.
    pub unknown_host: fn(&str) -> String,
    pub clock: &'static str,
    pub same_time: &'static str,
    /// Seconds between both clocks.
    pub other_time: fn(u64) -> String,
    pub clock_unread: &'static str,
    pub passed: &'static str,
    pub worth_a_look: &'static str,
    pub failed: &'static str,
}

/// The texts of a language.
pub(crate) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Texts = Texts {
    database: "Database",
    database_answers: "Postgres answers.",
    database_silent: "Postgres isn't responding. Check DATABASE_URL.",
    migrations: "Migrations",
    schema_fits: "The schema fits this version.",
    schema_differs: "The schema is older or newer. Run `slipway migrate`.",
    key: "Encryption key",
    key_opens: "Stored secrets open with the configured key. The server checks this at every start.",
    mail: "Email",
    mails_leave: "Emails go to your mail server. Send yourself a test email to be sure.",
    mails_stay: "No mail server is set, so emails are saved as files in the data folder. Set SMTP_URL before you invite people.",
    highlevel: "HighLevel app",
    highlevel_ready: |public| format!("Configured. Its redirect address is {public}/api/integrations/ghl/callback"),
    highlevel_missing: "GHL_CLIENT_ID and GHL_CLIENT_SECRET are missing: agencies can't connect HighLevel yet.",
    address: "Public address",
    not_encrypted: |public| format!("{public} is not encrypted. Set PUBLIC_URL to an https address."),
    reached: |public| format!("You opened this page at {public}."),
    other_host: |host, public| {
        format!("You opened {host}, but links in emails say {public}. Set PUBLIC_URL to the address people use.")
    },
    unknown_host: |public| format!("Links in emails say {public}. Set PUBLIC_URL if that's wrong."),
    clock: "Clock",
    same_time: "Server and database have the same time.",
    other_time: |seconds| {
        format!(
            "Server and database differ by {seconds} s. Codes and tokens fail when clocks are wrong: turn on time synchronization (NTP) on both."
        )
    },
    clock_unread: "Couldn't read the database's clock.",
    passed: "passed",
    worth_a_look: "worth a look",
    failed: "failed",
};

static SPANISH: Texts = Texts {
    database: "Base de datos",
    database_answers: "Postgres responde.",
    database_silent: "Postgres no responde. Revise DATABASE_URL.",
    migrations: "Migraciones",
    schema_fits: "El esquema corresponde a esta versión.",
    schema_differs: "El esquema es más antiguo o más nuevo. Ejecute `slipway migrate`.",
    key: "Clave de cifrado",
    key_opens: "Los secretos guardados se abren con la clave configurada: el servidor lo prueba en cada inicio y se detiene si no es así.",
    mail: "Correo",
    mails_leave: "Los correos salen por su servidor de correo. Envíese uno para estar seguro.",
    mails_stay: "No hay servidor de correo: los correos quedan como archivos en la carpeta de datos. Configure SMTP_URL antes de invitar a personas.",
    highlevel: "Aplicación de HighLevel",
    highlevel_ready: |public| {
        format!("Configurada. Su dirección de redirección es {public}/api/integrations/ghl/callback")
    },
    highlevel_missing: "Faltan GHL_CLIENT_ID y GHL_CLIENT_SECRET: las agencias aún no pueden conectar HighLevel.",
    address: "Dirección pública",
    not_encrypted: |public| format!("{public} no está cifrada. Ponga en PUBLIC_URL una dirección https."),
    reached: |public| format!("Llegó a esta página por {public}."),
    other_host: |host, public| {
        format!(
            "Llegó por {host}, pero los enlaces de los correos dicen {public}. Ponga en PUBLIC_URL la dirección que usa la gente."
        )
    },
    unknown_host: |public| format!("Los enlaces de los correos dicen {public}. Corrija PUBLIC_URL si no es correcto."),
    clock: "Reloj",
    same_time: "El servidor y la base de datos tienen la misma hora.",
    other_time: |seconds| {
        format!(
            "El servidor y la base de datos difieren en {seconds} s. Con relojes incorrectos fallan códigos y tokens: active la sincronización de hora (NTP) en ambos."
        )
    },
    clock_unread: "No se pudo leer el reloj de la base de datos.",
    passed: "bien",
    worth_a_look: "conviene revisarlo",
    failed: "falló",
};
