//! The texts in Spanish.

use operations::identity::invitation::Why;

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    sign_in: "Iniciar sesión",
    sign_in_title: "Inicie sesión en Slipway",
    email: "Correo electrónico",
    password: "Contraseña",
    forgot: "¿Olvidó su contraseña?",
    idle_hours: |hours| idle(hours, "hora"),
    idle_minutes: |minutes| idle(minutes, "minuto"),

    reset_title: "Restablezca su contraseña",
    reset_text: "Le enviaremos por correo un enlace que funciona una sola vez, durante 30 minutos.",
    send_link: "Enviar enlace",
    back_to_sign_in: "Volver al inicio de sesión",
    reset_sent: "Si esta dirección tiene una cuenta, un correo con un enlace está en camino o llegó en los últimos minutos.",

    set_password_title: "Cree su contraseña",
    new_password: "Contraseña nueva",
    password_help: "Al menos 12 caracteres. Una frase corta funciona bien.",
    set_password: "Guardar contraseña",
    password_set: "Su contraseña está lista. Inicie sesión con ella.",
    link_over: "Este enlace ya no funciona",
    get_new_link: "Pedir un enlace nuevo",

    accept_title: "Acepte su invitación",
    accept: "Aceptar la invitación",
    accepted: "Su invitación fue aceptada.",
    a_colleague: "colega",
    set_up_for: |agency, business| format!("{agency} preparó su cuenta para {business}"),
    join: |agency| format!("Únase a {agency}"),
    invited_as: |by, role, email| format!("{} con el rol «{role}» y la dirección {email}.", invites(by)),
    invited_to: |by, role, email, agency| {
        format!("{} a {agency} con el rol «{role}» y la dirección {email}.", invites(by))
    },
    go_to_sign_in: "Ir al inicio de sesión",
    your_password: "Su contraseña",
    account_exists: "Ya tiene una cuenta con esta dirección. Escriba su contraseña para mostrar que es usted.",
    your_name: "Su nombre",
    unusable,

    confirm_title: "Confirme que es usted",
    // What it is asked for is known in English alone.
    confirm_text: |_| {
        "Por su seguridad, escriba su contraseña para continuar. No la pediremos de nuevo durante 10 minutos."
            .to_owned()
    },
    confirm: "Confirmar",
    cancel: "Cancelar",
    code: "Código",
    code_help: "Seis dígitos o uno de sus códigos de recuperación.",
    code_help_long: "Seis dígitos de su aplicación de autenticación o uno de sus códigos de recuperación. Si no se aceptan, ponga la hora de su teléfono en automático.",
    use_code: "Usar un código de su aplicación",
    confirm_code: "Confirmar con el código",
    someone_else: "Iniciar sesión con otra cuenta",

    account: "Cuenta",
    nowhere_title: "Aún no hay nada que abrir",
    nowhere: "Todavía no pertenece a ninguna agencia ni negocio. Pida a quien trabaja con usted que invite a esta dirección.",
    profile: "Perfil",
    save_name: "Guardar nombre",
    current_password: "Contraseña actual",
    at_least_12: "Al menos 12 caracteres.",
    change_password: "Cambiar contraseña",
    password_changed: "Su contraseña cambió y se cerraron todas sus sesiones. Inicie sesión de nuevo.",
    second_factor: "Verificación en dos pasos",
    factor_on: "Activada: usted confirma cada inicio de sesión con un código de su aplicación.",
    factor_off: "Desactivada: basta con su contraseña para entrar.",
    factor_intro: "Usted confirma cada inicio de sesión con un código de una aplicación en su teléfono, para que nadie entre solo con su contraseña.",
    factor_begin: "Configurar una aplicación de autenticación",
    factor_until: "Su aplicación actual sigue sirviendo hasta que la nueva muestre su primer código. Entonces terminan la anterior, sus códigos de recuperación y sus demás sesiones.",
    factor_replace: "Reemplazarla",
    turn_on: "Activar",
    factor_scan: "Escanee esto con su aplicación de autenticación o escriba en ella la clave. Después escriba el código que muestra.",
    qr_code: "Código QR para su aplicación de autenticación",
    factor_key: "Clave",
    copy_key: "Copiar la clave",
    factor_is_on: "La verificación en dos pasos está activada. Se le pedirá un código cada vez que inicie sesión.",
    continue_on: "Continuar",
    factor_other_app: "Reemplazarla por otra aplicación",
    recovery_title: "Sus códigos de recuperación",
    recovery_text: "Cada uno funciona una sola vez, cuando no tenga su teléfono a mano. Imprima esta página o guárdelos en un lugar seguro: no se muestran de nuevo.",
    copy_codes: "Copiar todos los códigos",
    manage: "Administrar",
    set_up: "Activar",
    sessions: "Sesiones activas",
    unknown_browser: "Un navegador desconocido",
    unknown_address: "una dirección desconocida",
    browser_on: |browser, system| format!("{browser} en {system}"),
    last_used: |address| format!("{address} · último uso"),
    this_session: "Esta sesión",
    sign_out: "Cerrar sesión",
    sign_out_everywhere: "Cerrar sesión en todas partes",
    session_ended: "Se cerró esa sesión.",
    language: "Idioma",
    language_help: "Para su cuenta, las páginas de su negocio y los correos que recibe. Las páginas de la agencia están en inglés.",
    save: "Guardar",
    choose_language: "Elija un idioma.",
    language_saved: "Idioma guardado.",

    notifications: "Notificaciones",
    notifications_meta: "De qué se le avisa y cómo. Los correos esperan dos minutos y no se envían sobre lo que usted ya vio en Slipway.",
    no_notifications: (
        "No hay nada que elegir",
        "Con su acceso actual no recibe notificaciones. Las reciben los equipos de las agencias y los propietarios de los negocios.",
    ),
    saved: "Se guardó.",
    stop_title: "Dejar de recibir estos correos",
    stop_question: "¿Dejar de recibir estos correos?",
    stop_text: "Seguirá encontrando lo que ocurre en Notificaciones, dentro de Slipway.",
    stop_these: "Dejar de recibir estos correos",
    stop_all: "Dejar de recibir todos los correos sobre lo que ocurre",
    stopped_title: "Suscripción cancelada",
    stopped_these: "Ya no recibirá estos correos.",
    stopped_all: "Ya no recibirá más correos sobre lo que ocurre.",
    stopped_text: "Lo sigue encontrando en Notificaciones, dentro de Slipway.",
    change_notifications: "Cambiar sus notificaciones",

    setup_title: "Configurar Slipway",
    setup_text: (
        "Nadie administra aún esta plataforma. El primer superadministrador entra con un enlace de un solo uso que el servidor muestra al iniciar si ",
        " está definido, o con este comando:",
    ),
};

fn idle(count: u32, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("Su sesión se cerró después de {count} {unit}{plural} sin actividad.")
}

fn invites(by: Option<&str>) -> String {
    by.map_or_else(|| "Le invitaron".to_owned(), |name| format!("{name} le invita"))
}

const fn unusable(why: Why) -> (&'static str, &'static str) {
    match why {
        Why::Used => (
            "Esta invitación ya se usó",
            "Esta invitación ya fue aceptada. Si fue usted, inicie sesión; si no, avise a quien le invitó.",
        ),
        Why::Ended => (
            "Esta invitación venció",
            "Esta invitación terminó: se canceló, tiene más de 7 días o una más reciente la reemplazó. Pida una nueva a quien le invitó.",
        ),
        Why::Gone => (
            "Ya no hay nada que aceptar",
            "Aquello a lo que le invitaron ya no está aquí. Si aún espera formar parte, pregunte a quien le invitó.",
        ),
        Why::Changed => (
            "Esta invitación ya no es válida",
            "Quien le invitó ya no puede hacerlo, o su lugar allí cambió desde entonces. Pida una invitación nueva.",
        ),
    }
}
