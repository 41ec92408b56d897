//! Measures what row-level security costs (I2): the statements that run most often, as a page runs them and as the owner of the
//! tables does. Both name the tenant in their words.

use super::world::World;
use crate::report::{Report, median};
use crate::scripts::{self, Script};

/// How often each statement runs in a round, and the rounds.
const RUNS: usize = 2_000;
const ROUNDS: usize = 5;

/// Goal and floor of the time under row-level security ÷ without.
const TAX: (f64, f64) = (1.10, 1.30);

/// The statements, each with a name.
const HOT: [(&str, &str); 4] = [
    (
        "list",
        "select c.id, c.last_message_at from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null where c.sub_account_id = '{business}' and c.status = 'open' order by c.last_message_at desc, c.id desc limit 51;\n",
    ),
    (
        "lines",
        "select c.id, b.name, c.contact_name, h.name, c.status, c.last_message_at, c.last_preview, c.unread from conversations c join sub_accounts b on b.id = c.sub_account_id join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id where c.id = any ('{{some}}'::uuid[]);\n",
    ),
    (
        "unread",
        "select count(*) from (select from conversations where sub_account_id = '{business}' and status = 'open' and unread > 0 limit 1000) x;\n",
    ),
    (
        "thread",
        "select m.id, m.happened_at, m.direction, m.sender, m.kind, m.body, m.details, m.status from messages m where m.sub_account_id = '{business}' and m.conversation_id = '{one}' and (m.happened_at, m.id) < (now(), 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by m.happened_at desc, m.id desc limit 51;\n",
    ),
];

/// Runs each statement in both ways in turn.
pub fn measure(world: &World, report: &mut Report) -> anyhow::Result<()> {
    if !scripts::installed() {
        return Ok(());
    }
    let (runs, rounds) = if report.quick() { (20, 1) } else { (RUNS, ROUNDS) };
    let business = world.largest().id.0.to_string();
    let ids = format!(
        "select id from conversations where sub_account_id = '{business}' order by last_message_at desc limit 50"
    );
    let ids: Vec<String> = world.bench_database.rows(&ids)?.into_iter().flatten().flatten().collect();
    anyhow::ensure!(ids.len() == 50, "there are {} conversations", ids.len());
    let (socket, as_business) = (world.bench_database.socket_folder(), scripts::as_business(&business));
    for (name, text) in HOT {
        let text = text.replace("{business}", &business).replace("{some}", &ids.join(",")).replace("{one}", &ids[0]);
        let script = Script { text: &text, clients: 1, turns: runs };
        let (mut under, mut without) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            without.push(median(&scripts::run(socket, "ours", &script)?.waits));
            under.push(median(&scripts::run_with(socket, "ours", &as_business, &script)?.waits));
        }
        report.figure(format!("row-level security, {name}: ms"), median(&under));
        let tax: Vec<f64> = under.iter().zip(&without).map(|(under, without)| under / without).collect();
        report.stays_within(&format!("row-level security, {name}: with ÷ without"), median(&tax), TAX);
    }
    Ok(())
}
