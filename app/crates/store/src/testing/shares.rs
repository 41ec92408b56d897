//! Which program did how much of the work in this database? A result counts where it is stored, for the name that the
//! connection carries in `slipway.program`. So two programs can be told apart of which the older one knows nothing of
//! this.

use super::TestDb;

/// A result is a step that is done, a message that the platform took, or something that came in and was dealt with. A
/// result that the same transaction takes back does not count.
const COUNTING: &str = "create table program_results (program text not null);
    create function count_program_result() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$ begin
      insert into public.program_results (program) values (coalesce(current_setting('slipway.program', true), ''));
      return null; end $$;
    create trigger count_program_result after update on provisioning_attempts for each row
      when (new.outcome = 'done' and old.outcome is distinct from 'done') execute function count_program_result();
    create trigger count_program_result after update on message_sends for each row
      when (new.state = 'accepted' and old.state <> 'accepted') execute function count_program_result();
    create trigger count_program_result after update on inbound_items for each row
      when (new.outcome = 'processed' and old.outcome <> 'processed') execute function count_program_result()";

impl TestDb {
    /// Counts results from now on, by the program that stores them. Call it once for a database.
    pub async fn count_results(&self) {
        self.execute(COUNTING).await;
    }

    /// How many results this program stored.
    #[expect(clippy::disallowed_methods, reason = "the table exists only where results are counted")]
    pub async fn results_of(&self, program: &str) -> i64 {
        sqlx::query_scalar("select count(*) from program_results where program = $1")
            .bind(program)
            .fetch_one(&self.owner)
            .await
            .expect("results")
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, Connection, Executor};

    use super::TestDb;

    #[tokio::test]
    async fn a_result_counts_once_and_for_the_program_that_stored_it() {
        let test = TestDb::new().await;
        test.count_results().await;
        test.execute(
            "insert into inbound_items (event_id, position, provider, kind, key) values
               (gen_random_uuid(), 0, 'meta', 'message', 'a'), (gen_random_uuid(), 0, 'meta', 'message', 'b')",
        )
        .await;
        let named = test.server.clone().options([("slipway.program", "former")]);
        let mut conn = named.connect().await.expect("a connection");
        for _ in 0..2 {
            conn.execute("update inbound_items set outcome = 'processed' where key = 'a'").await.expect("dealt with");
        }
        conn.close().await.expect("close");
        test.execute("update inbound_items set outcome = 'processed' where key = 'b'").await;
        assert_eq!((test.results_of("former").await, test.results_of("present").await), (1, 0));
        assert_eq!(test.results_of("").await, 1, "a connection without a name counts for no program");
    }
}
