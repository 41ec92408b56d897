//! Helpers for tests of mails: sends what the queue holds, as the worker does, and reads the folder of mails.

use domain::work::Queue;
use sha2::{Digest, Sha256};

use crate::helpers::TestApp;

impl TestApp {
    /// Sends every queued mail now. One that waits for another attempt is tried at once.
    pub async fn send_mails(&self) {
        self.base.execute("update work_scheduled set run_at = now() where lane = 'mail'").await;
        worker::testing::run_due_in(&self.worker, &[Queue::Mail]).await;
    }

    /// The mails in the folder, oldest first, with their lines joined.
    pub fn mailed(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(&self.mails) else { return Vec::new() };
        let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| std::fs::read_to_string(file).unwrap().replace("=\r\n", "")).collect()
    }

    /// The secret of the link in the newest mail.
    pub fn mailed_secret(&self) -> String {
        let path = link(self.mailed().last().expect("a mail"));
        path.rsplit('/').next().unwrap().to_owned()
    }

    /// Lets every mail fail: a file is in the place of the folder, which must be empty.
    pub fn break_mails(&self) {
        let _ = std::fs::remove_dir(&self.mails);
        std::fs::write(&self.mails, "").unwrap();
    }

    /// Lets mails leave again.
    pub fn mend_mails(&self) {
        std::fs::remove_file(&self.mails).unwrap();
    }

    /// The rows of the queue that hold mails, as text: those that wait, run or are scheduled.
    pub async fn mail_queue(&self) -> Vec<String> {
        self.mails_in(&["work_ready", "work_scheduled", "work_leases"]).await
    }

    /// The mails that were given up, as text.
    pub async fn dead_mails(&self) -> Vec<String> {
        self.mails_in(&["work_dead"]).await
    }

    async fn mails_in(&self, tables: &[&str]) -> Vec<String> {
        let contents = self.base.contents().await.into_iter().filter(|(table, _)| tables.contains(&table.as_str()));
        let rows = contents.flat_map(|(_, rows)| rows.lines().map(str::to_owned).collect::<Vec<_>>());
        rows.filter(|row| row.contains("mail.send")).collect()
    }

    /// How many mails to this address, from anybody, count for today.
    pub async fn mails_counted(&self, to: &str) -> i32 {
        let key = hex::encode(Sha256::digest(format!("mails to|{to}")));
        let contents = self.base.contents().await;
        let (_, rows) = contents.into_iter().find(|(table, _)| table == "auth_throttles").unwrap();
        // Key, when it was created and changed, count.
        let row = rows.lines().find(|row| row.contains(&key)).map(str::to_owned);
        row.map_or(0, |row| row.split(',').nth(3).unwrap().parse().unwrap())
    }
}

/// The path of the link in a mail.
pub fn link(mail: &str) -> String {
    let start = mail.find("/invite/").or_else(|| mail.find("/password/")).unwrap();
    let end = mail[start + 1..].find('/').unwrap() + start + 2;
    mail[start..end].chars().chain(mail[end..].chars().take(64)).collect()
}
