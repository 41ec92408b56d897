//! Which texts do scheduled messages show? One field for each text, in each language.

use domain::language::Language;

/// The texts of one language.
pub(super) struct Texts {
    pub send_later: &'static str,
    pub date_time: &'static str,
    /// Name of a time zone.
    pub clock: fn(&str) -> String,
    /// Time.
    pub window_until: fn(&str) -> String,
    pub schedule: &'static str,
    pub anyway: &'static str,
    pub choose_time: &'static str,
    /// Time.
    pub told: fn(&str) -> String,
    pub skipped: &'static str,
    pub twice: &'static str,
    pub told_sent: &'static str,
    pub told_canceled: &'static str,

    pub scheduled: &'static str,
    /// Time.
    pub at: fn(&str) -> String,
    /// Time.
    pub missed: fn(&str) -> String,
    /// Names of files.
    pub with_files: fn(&str) -> String,
    /// Name of a person.
    pub by: fn(&str) -> String,
    pub shut: &'static str,
    pub edit_time: &'static str,
    pub send_now: &'static str,
    pub cancel: &'static str,
    pub all: &'static str,

    pub inbox: &'static str,
    pub help: &'static str,
    pub none: (&'static str, &'static str),
    pub somebody: &'static str,
    pub save_time: &'static str,
    pub discard: &'static str,
    pub template: &'static str,
    /// Name of the contact.
    pub template_for: fn(&str) -> String,
    pub no_templates: &'static str,
    pub other_template: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Texts = Texts {
    send_later: "Send later",
    date_time: "Date and time",
    clock: |zone| format!("In the business's time zone ({zone})."),
    window_until: |time| format!("Unless the customer writes again, you can reply until {time}."),
    schedule: "Schedule",
    anyway: "Schedule anyway",
    choose_time: "Choose a date and a time.",
    told: |time| format!("Scheduled for {time}."),
    skipped: "That time doesn't exist on that day because clocks go forward, so it was moved.",
    twice: "Clocks go back on that day, so this time comes twice. It goes out the first time.",
    told_sent: "Sending the message.",
    told_canceled: "Scheduled message canceled.",

    scheduled: "Scheduled",
    at: |time| format!("Scheduled for {time}"),
    missed: |time| format!("Not sent on {time}"),
    with_files: |names| format!("With files: {names}"),
    by: |name| format!("by {name}"),
    shut: "The reply window will be closed by then. It's sent only if the customer writes again.",
    edit_time: "Edit time",
    send_now: "Send now",
    cancel: "Cancel",
    all: "All scheduled messages",

    inbox: "Inbox",
    help: "Messages that go out later, in the business's time zone. Anything that couldn't be sent on time waits for you here.",
    none: ("Nothing is scheduled", "Choose \u{201c}Send later\u{201d} under a reply, and it shows up here."),
    somebody: "A contact",
    save_time: "Save time",
    discard: "Discard",
    template: "Schedule a template",
    template_for: |name| format!("Schedule a template for {name}"),
    no_templates: "No approved templates yet. Create them in WhatsApp Manager.",
    other_template: "Choose another template",
};

static SPANISH: Texts = Texts {
    send_later: "Enviar más tarde",
    date_time: "Fecha y hora",
    clock: |zone| format!("Según el reloj del negocio ({zone})."),
    window_until: |time| format!("Sin un mensaje nuevo del cliente, puede responder libremente hasta el {time}."),
    schedule: "Programar",
    anyway: "Programarlo de todos modos",
    choose_time: "Elija una fecha y una hora.",
    told: |time| format!("El mensaje sale el {time}."),
    skipped: "La hora que eligió no existe ese día porque el reloj se adelanta, así que se movió.",
    twice: "El reloj se atrasa ese día y muestra esta hora dos veces. Sale la primera vez.",
    told_sent: "El mensaje está en camino.",
    told_canceled: "El mensaje programado está cancelado.",

    scheduled: "Programados",
    at: |time| format!("Programado para el {time}"),
    missed: |time| format!("No se envió el {time}"),
    with_files: |names| format!("Con archivos: {names}"),
    by: |name| format!("por {name}"),
    shut: "Para entonces habrá pasado el tiempo para responder. Se envía solo si el cliente vuelve a escribir.",
    edit_time: "Cambiar la hora",
    send_now: "Enviar ahora",
    cancel: "Cancelar",
    all: "Todos los mensajes programados",

    inbox: "Bandeja de entrada",
    help: "Mensajes que salen más tarde, según el reloj del negocio. Lo que no se envió a su hora espera su decisión.",
    none: (
        "No hay nada programado",
        "Elija «Enviar más tarde» debajo de una respuesta y el mensaje esperará aquí su hora.",
    ),
    somebody: "Un contacto",
    save_time: "Guardar la hora",
    discard: "Descartar",
    template: "Programar una plantilla",
    template_for: |name| format!("Programar una plantilla para {name}"),
    no_templates: "Aún no hay plantillas aprobadas. Se crean en el Administrador de WhatsApp.",
    other_template: "Elegir otra plantilla",
};
