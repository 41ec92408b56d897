//! The texts in Spanish.

use domain::integration::State;

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    open_highlevel: "Abrir HighLevel",
    managed_since: |agency, day| format!("Administrado por {agency} · Cliente desde el {day}"),
    home: "Inicio",
    open_inbox: "Abrir la bandeja",
    contact_at: |agency| format!("Su contacto en {agency}"),
    ask_agency: |agency| format!("{agency} se encarga de su cuenta. Consulte a su contacto allí."),

    set_up_title: "Lo que configuramos para usted",
    set_up_by: |agency| format!("{agency} configuró su cuenta de HighLevel."),
    contact_tags: "Etiquetas de contacto",
    started_from: "Creada a partir de",
    ready_since: "Lista desde el",

    your_business: "Su negocio",
    email: "Correo electrónico",
    phone: "Teléfono",
    website: "Sitio web",
    address: "Dirección",
    time_zone: "Zona horaria",
    edit_details: "Editar datos",
    street_address: "Calle y número",
    city: "Ciudad",
    state: "Estado o provincia",
    postal_code: "Código postal",
    save_details: "Guardar datos",
    details_saved: "Sus datos se guardaron.",

    people: "Personas",
    not_sent_yet: "La invitación aún no se envió",
    invited_on: |day| format!("Invitación enviada el {day}"),
    cancel_invitation: "Cancelar invitación",
    invite_colleague: "Invitar a un colega",
    their_email: "Correo electrónico de la persona",
    role: "Rol",
    role_help: "Los propietarios pueden editar estos datos, invitar a otras personas y cambiar roles.",
    send_invitation: "Enviar invitación",
    invitation_sent: |email| format!("Invitación enviada a {email}. El enlace funciona durante 7 días."),
    invitation_canceled: "Invitación cancelada. Su enlace ya no funciona.",
    choose_role: "Elija un rol.",
    role_of: |name| format!("Rol de {name}"),
    change_role: "Cambiar rol",
    role_changed: |role| format!("El rol ahora es «{role}». Se aplica desde ahora."),

    to_dos: "Sus tareas pendientes",
    to_do: super::to_dos::spanish,
    mark_done: "Marcar como hecha",
    reopen: "Reabrir",
    open_in_highlevel: "Abrir en HighLevel",
    done_by: |name, day| format!("Hecha por {name} el {day}"),
    to_do_done: |what| format!("Hecha: {what}."),
    to_do_reopened: |what| format!("Reabierta: {what}."),

    connections: "Conexiones",
    managed_by: |agency| format!("Administrado por {agency}."),
    connection,
};

const fn connection(state: State) -> (&'static str, &'static str) {
    match state {
        State::Working | State::Quiet | State::RenewSoon => ("Conectada", "Su cuenta de HighLevel está conectada."),
        State::NotConnected | State::Connecting => ("No conectada", "Su cuenta de HighLevel aún no está conectada."),
        State::Paused | State::Disconnected => ("Desactivada", "Su agencia desactivó esta conexión."),
        State::Expired | State::Error | State::Suspended => (
            "En reparación",
            "La conexión con HighLevel está interrumpida. Su agencia debe revisarla; no se perdió nada de lo que usted hizo.",
        ),
    }
}
