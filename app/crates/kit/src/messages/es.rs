//! The texts in Spanish.

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    skip: "Ir al contenido",
    place_and_menu: "Espacio y menú",
    main: "Principal",
    main_short: "Principal, breve",
    way_back: "Ruta de navegación",
    more: "Más",
    your_menu: "Su menú",
    account: "Cuenta",
    keys: "Atajos de teclado",
    shortcuts: [
        ("\u{2191} \u{2193}", "Moverse por los resultados"),
        ("/", "Buscar en esta página"),
        ("C", "Crear un cliente"),
        ("J", "Fila siguiente"),
        ("K", "Fila anterior"),
        ("X", "Seleccionar fila"),
        ("O", "Cambiar de espacio"),
        ("?", "Mostrar atajos"),
    ],
    then: "y luego",
    single_keys: "Activar atajos de una sola tecla",
    close: "Cerrar",
    sign_out: "Cerrar sesión",
    theme: "Tema",
    system: "Sistema",
    light: "Claro",
    dark: "Oscuro",
    switch_workspace: "Cambiar de espacio",
    area,
    places,
    nav,
    approvals: |count| {
        if count.is_empty() { "Aprobaciones".to_owned() } else { format!("Aprobaciones, {count} en espera") }
    },
    lost: "No hay conexión o el servidor no responde. Esta página muestra lo que se cargó antes y se actualizará sola.",
    clear_search: "Borrar búsqueda",
    undo: "Deshacer",
    not_now: "Ahora no",
    optional: "opcional",
    new_tab: " (se abre en otra pestaña)",
    fix_fields: |count| if count == 1 { "Corrija un campo.".to_owned() } else { format!("Corrija {count} campos.") },
};

fn area(key: &str) -> &'static str {
    match key {
        "platform" => "Plataforma",
        "agency" => "Agencia",
        "business" => "Negocio",
        _ => "Su cuenta",
    }
}

fn places(key: &str) -> &'static str {
    match key {
        "platform" => "Plataforma",
        "agency" => "Agencias",
        "business" => "Negocios",
        _ => "Cuenta",
    }
}

/// The entries of the menus of a business and of a person. The other areas are in English.
fn nav(label: &'static str) -> &'static str {
    match label {
        "Home" => "Inicio",
        "Inbox" => "Bandeja de entrada",
        "Contacts" => "Contactos",
        "Assistant" => "Asistente",
        "AI tools" => "Herramientas de IA",
        "Connections" => "Conexiones",
        "Account" => "Cuenta",
        "Notifications" => "Notificaciones",
        "Two-factor" => "Dos pasos",
        other => other,
    }
}
