//! What does a right let a person do, in Spanish? A mail asks for one in the language of its reader.

use domain::permission::Right;

/// What the right lets a person do, as the end of a sentence.
pub(super) fn spanish(right: Right) -> &'static str {
    match right.key() {
        "agency.manage" => "cambiar los ajustes de la agencia",
        "agency.read" => "abrir el inicio de la agencia",
        "assistant.manage" => "configurar el asistente y lo que sabe",
        "audit.read" => "leer el registro de auditoría",
        "business.edit" => "cambiar los datos de un negocio",
        "business.invite" => "invitar a personas a un negocio y darles roles",
        "business.read" => "ver los portales de los clientes",
        "business.todos" => "marcar las tareas pendientes de un negocio",
        "channels.connect" => "conectar WhatsApp, Instagram y Messenger",
        "clients.import" => "importar subcuentas de HighLevel como clientes",
        "clients.manage" => "editar, pausar, archivar, eliminar y restaurar clientes",
        "clients.read" => "ver los clientes",
        "connections.manage" => "conectar, desconectar, agregar y renovar credenciales",
        "connections.read" => "ver las conexiones",
        "contacts.erase" => "borrar a un cliente con todo lo que dijo",
        "inbox.all" => "ver las conversaciones de todos los clientes en una lista",
        "inbox.read" => "leer las conversaciones con los clientes",
        "inbox.reply" => "responder a los clientes",
        "phone_routes.manage" => "agregar, cambiar y quitar rutas telefónicas",
        "phone_routes.read" => "ver las rutas telefónicas",
        "platform.manage" => "cambiar la plataforma",
        "platform.read" => "ver la plataforma",
        "provision" => "iniciar, reintentar y cancelar trabajos",
        "provision.read" => "ver los trabajos y las plantillas",
        "snapshots.manage" => "sincronizar plantillas y activarlas o desactivarlas",
        "team.manage" => "invitar y quitar personas, y darles roles",
        "team.read" => "ver el equipo",
        "todos.manage" => "marcar y asignar tareas pendientes",
        "todos.read" => "ver las tareas pendientes",
        "tokens.manage" => "crear y revocar tokens de la API",
        "tools.approve" => "aprobar lo que piden los agentes de IA y leer lo que hicieron",
        "tools.manage" => "conectar agentes de IA y decidir qué pueden hacer",
        "views.share" => "compartir vistas guardadas con el equipo",
        "webhooks.manage" => "configurar webhooks y ver lo que se les envió",
        _ => right.words(),
    }
}
