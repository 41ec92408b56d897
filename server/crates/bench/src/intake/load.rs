//! How are bodies delivered? Over many connections at once, at a rate or as fast as they are answered. What delivers them
//! signs nothing meanwhile, so that it costs less than what it measures.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::future::try_join_all;

use super::{PATH, Signed};
use crate::client::Client;
use crate::report::percentile;

/// Bodies to deliver.
#[derive(Clone, Copy)]
pub struct Load {
    /// Who takes them.
    pub at: SocketAddr,
    /// How many are under way at once.
    pub connections: usize,
    /// How many are delivered in all. After the last body the first one comes again.
    pub count: usize,
    /// How many are due in a second; `None` for as fast as they are answered.
    pub rate: Option<f64>,
    /// After this long, none is begun.
    pub lasts: Duration,
}

/// One delivery.
#[derive(Clone, Copy)]
struct Delivery {
    /// The status of its answer; 0 for a connection that broke.
    status: u16,
    /// Milliseconds from when it was due, and from when it was sent, until its answer.
    waited: f64,
    took: f64,
}

/// What became of the bodies.
pub struct Outcome {
    /// How long all of it took, in seconds.
    pub seconds: f64,
    deliveries: Vec<Delivery>,
}

impl Load {
    /// Delivers the bodies in turn.
    pub async fn deliver(self, bodies: &[Signed]) -> anyhow::Result<Outcome> {
        ensure!(!bodies.is_empty(), "there is nothing to deliver");
        let mut clients = Vec::new();
        for number in 0..self.connections {
            clients.push(Client::connect_from(source(number), self.at).await?);
        }
        let (next, began) = (AtomicUsize::new(0), Instant::now());
        let loops = clients.into_iter().map(|client| self.one_by_one(client, bodies, &next, began));
        let deliveries = try_join_all(loops).await?.concat();
        Ok(Outcome { seconds: began.elapsed().as_secs_f64(), deliveries })
    }

    /// Delivers over one connection until none is left.
    async fn one_by_one(
        self,
        mut client: Client,
        bodies: &[Signed],
        next: &AtomicUsize,
        began: Instant,
    ) -> anyhow::Result<Vec<Delivery>> {
        let mut deliveries = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.count || began.elapsed() >= self.lasts {
                return Ok(deliveries);
            }
            let due = self.rate.map(|rate| began + Duration::from_secs_f64(number as f64 / rate));
            if let Some(due) = due {
                tokio::time::sleep_until(due.into()).await;
            }
            let Signed { body, header } = &bodies[number % bodies.len()];
            let sent = Instant::now();
            let answer = client.send("POST", PATH, &["content-type: application/json", header], body).await;
            let status = answer.as_ref().map_or(0, |answer| answer.status);
            let milliseconds = |since: Instant| since.elapsed().as_secs_f64() * 1000.0;
            deliveries.push(Delivery { status, waited: milliseconds(due.unwrap_or(sent)), took: milliseconds(sent) });
            // A server that refuses a body may close its connection.
            if answer.is_err() {
                client = Client::connect_from(source(number), self.at).await?;
            }
        }
    }
}

impl Outcome {
    /// How many were delivered, whatever became of them.
    pub fn offered(&self) -> usize {
        self.deliveries.len()
    }

    /// How many were answered with this status.
    pub fn with_status(&self, status: u16) -> usize {
        self.deliveries.iter().filter(|one| one.status == status).count()
    }

    /// How many were acknowledged.
    pub fn accepted(&self) -> usize {
        self.with_status(200)
    }

    /// How many were acknowledged in a second.
    pub fn rate(&self) -> f64 {
        self.accepted() as f64 / self.seconds
    }

    /// The milliseconds that this share of the acknowledged waited at most since they were due.
    pub fn waited(&self, share: f64) -> f64 {
        percentile(&self.of_accepted(|one| one.waited), share)
    }

    /// The milliseconds that this share of the acknowledged took at most since they were sent.
    pub fn took(&self, share: f64) -> f64 {
        percentile(&self.of_accepted(|one| one.took), share)
    }

    fn of_accepted(&self, what: fn(&Delivery) -> f64) -> Vec<f64> {
        self.deliveries.iter().filter(|one| one.status == 200).map(what).collect()
    }
}

/// The address from which a connection comes: Meta has many, and each has a share of what the server takes.
fn source(number: usize) -> Ipv4Addr {
    let network = u8::try_from(number % 250).unwrap_or_default();
    Ipv4Addr::new(127, 0, network + 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_come_from_many_networks_of_this_machine() {
        let sources: std::collections::HashSet<_> = (0..500).map(source).collect();
        assert_eq!(sources.len(), 250);
        assert!(sources.iter().all(Ipv4Addr::is_loopback));
    }

    #[test]
    fn only_what_was_acknowledged_counts() {
        let one = |status: u16, took: f64| Delivery { status, waited: took * 2.0, took };
        let deliveries = vec![one(200, 1.0), one(503, 90.0), one(200, 3.0), one(0, 70.0)];
        let outcome = Outcome { seconds: 2.0, deliveries };
        assert_eq!((outcome.offered(), outcome.accepted(), outcome.with_status(503)), (4, 2, 1));
        assert!((outcome.rate() - 1.0).abs() < f64::EPSILON);
        assert!((outcome.took(1.0) - 3.0).abs() < f64::EPSILON);
        assert!((outcome.waited(1.0) - 6.0).abs() < f64::EPSILON);
    }
}
