//! Everything that runs during a soak: a Postgres of its own, the simulator, one web process, two worker processes,
//! and for each company of the simulator a connected agency with an API token.

use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use domain::snapshot::SeenSnapshot;
use serde_json::{Value, json};
use simulator::{Handle, demo};
use store::vault::{Keyring, Vault};
use store::{TenantTx, snapshots};

use crate::BenchArgs;
use crate::client::Client;
use crate::connected;
use crate::database::{BenchDatabase, Disk};
use crate::product::{self, Product};

/// An encryption key for test data.
const KEY: &str = "7f3a91c2d4e85b06179fa3c8e2d14b6950a7c3e8f1b2d4960718293a4b5c6d7e";

/// Companies of the simulator whose plan allows creating locations by API.
const COMPANIES: [&str; 2] = [demo::HARBOR, demo::CANARY];

/// An agency and its access to the API.
pub struct Tenant {
    /// Bearer token of the API.
    pub token: String,
    /// A snapshot that the API offers.
    pub snapshot: Value,
}

/// Everything that runs.
pub struct Harness {
    /// The processes and their database.
    pub product: Product,
    /// The agencies.
    pub tenants: Vec<Tenant>,
    /// Name, process id and address of each process that is sampled.
    pub watched: Vec<(&'static str, u32, SocketAddr)>,
    // The simulator stops when this is dropped.
    _sim: Handle,
}

impl Harness {
    /// Starts and connects everything.
    pub async fn start(bench_args: &BenchArgs) -> anyhow::Result<Self> {
        let program = bench_args.program.clone().context("There is no testing build of the product.")?;
        let sim = Handle::start_with(|config| config.time_scale = bench_args.scale).await?;
        // The daily limit is scaled too, because days pass faster.
        let daily = 200_000.0 * bench_args.scale;
        sim.knobs(&json!({ "daily_max": daily.round() as u64 })).map_err(|why| anyhow!(why))?;
        let bench_database = BenchDatabase::start(Disk::Real, &bench_args.out)?;
        let ours = bench_database.ours(4).await?;
        let vault =
            Vault::start(&ours.worker, Keyring::parse(&KEY.to_owned().into()).map_err(|why| anyhow!(why))?).await?;
        let ghl = connected::ghl(&sim)?;
        for (number, company) in COMPANIES.iter().enumerate() {
            let agency = connected::agency(&ours.web, format!("Soak {number}"), slug(number)).await?;
            connected::connect(&ours.worker, &vault, &ghl, &sim, agency, company).await?;
            let mut tx = TenantTx::begin(&ours.worker, connected::scope(agency)).await?;
            snapshots::sync(&mut tx, &seen(&sim, company)).await?;
            tx.commit().await?;
        }
        let defaults = simulator::defaults();
        let told = [
            ("DATABASE_URL", bench_database.login()),
            ("ENCRYPTION_KEY", KEY.to_owned()),
            ("TIME_SCALE", bench_args.scale.to_string()),
            ("GHL_BASE_URL", sim.base_url()),
            ("GHL_MARKETPLACE_URL", sim.base_url()),
            ("GHL_CLIENT_ID", defaults.client_id),
            ("GHL_CLIENT_SECRET", defaults.client_secret),
            ("GHL_APP_ID", defaults.app_id),
        ];
        let mut product = Product::prepare(program, bench_args.site.as_deref(), bench_database, &told)?;
        let listen = product.listen;
        let mut watched = vec![("serve", product.spawn(&["serve"], listen, "/health").await?, listen)];
        for name in ["worker 1", "worker 2"] {
            let at = product::free()?;
            watched.push((name, product.spawn(&["worker", "--listen", &at.to_string()], at, "/health").await?, at));
        }
        let mut tenants = Vec::new();
        let mut client = Client::connect(listen).await?;
        for number in 0..COMPANIES.len() {
            let token = product.token_of(&slug(number))?;
            let snapshot = product.snapshot(&mut client, &token).await.unwrap_or_default();
            tenants.push(Tenant { token, snapshot });
        }
        Ok(Self { product, tenants, watched, _sim: sim })
    }

    /// How many jobs are in each state.
    pub fn jobs(&self) -> anyhow::Result<Vec<(String, u64)>> {
        let rows =
            self.product.ask_rows("select status::text, count(*) from provisioning_jobs group by 1 order by 1")?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.first()?.clone()?, row.get(1)?.as_ref()?.parse().ok()?)))
            .collect())
    }
}

fn slug(number: usize) -> String {
    format!("soak-{number}")
}

/// The first snapshot that the simulator has for a company.
fn seen(sim: &Handle, company: &str) -> Vec<SeenSnapshot> {
    let world = sim.world();
    let all = world["ghl"]["snapshots"].as_array().cloned().unwrap_or_default();
    let own = all.into_iter().filter(|one| one["companyId"] == company || one["company_id"] == company);
    let text = |one: &Value, name: &str| one[name].as_str().map(str::to_owned);
    own.filter_map(|one| {
        Some(SeenSnapshot { ghl_snapshot_id: text(&one, "id")?, name: text(&one, "name")?, kind: None })
    })
    .take(1)
    .collect()
}
