//! Which workers live: each has a row that it renews, and whoever lets it expire is dead. The database's clock decides.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

use super::connection::Address;
use super::trouble::Trouble;

/// How long after a lost connection the next one is tried.
const AGAIN: Duration = Duration::from_millis(200);

/// What this process is called, and how long it counts as alive without a sign.
#[derive(Debug)]
pub(super) struct Lease {
    name: Mutex<Arc<str>>,
    length: Duration,
}

impl Lease {
    /// A name for this process, which no other ever has; nobody knows it yet.
    pub(super) fn new(length: Duration) -> Self {
        Self { name: Mutex::new(name()), length }
    }

    /// What this process is called now.
    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes this process known under its name.
    pub(super) async fn register(&self, client: &Client) -> Result<(), Trouble> {
        let sql = "INSERT INTO videogen.workers VALUES ($1, clock_timestamp() + make_interval(secs => $2)) \
                   ON CONFLICT (id) DO NOTHING";
        client.execute(sql, &[&&*self.name(), &self.length.as_secs_f64()]).await?;
        Ok(())
    }

    /// Shows that this process lives. Where it was taken for dead, because it was paused or cut off for too long, it goes
    /// on under a new name: what was its own may be another's by now, and is written to no more.
    async fn renew(&self, client: &Client) -> Result<(), Trouble> {
        let sql =
            "UPDATE videogen.workers SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1";
        let renewed = client.execute(sql, &[&&*self.name(), &self.length.as_secs_f64()]).await?;
        if renewed == 0 {
            tracing::warn!("this process gave no sign for too long; its tasks may be another's now");
            *self.name.lock().unwrap_or_else(PoisonError::into_inner) = name();
            self.register(client).await?;
        }
        Ok(())
    }

    /// Takes the names of the dead away; what they had is everybody's from then on. A server that has just started gives
    /// everybody the time to show that they live.
    pub(super) async fn bury(&self, client: &Client) -> Result<(), Trouble> {
        let sql = "DELETE FROM videogen.workers WHERE id IN (\
                       SELECT id FROM videogen.workers WHERE expires_at < clock_timestamp() \
                       AND pg_postmaster_start_time() + make_interval(secs => $1) < clock_timestamp() \
                       FOR UPDATE SKIP LOCKED)";
        client.execute(sql, &[&self.length.as_secs_f64()]).await?;
        Ok(())
    }

    /// Renews the lease and listens for news, on a connection of its own, until it is stopped; then gives the lease up.
    pub(super) async fn keep(self: Arc<Self>, address: Address, news: watch::Sender<()>, stop: CancellationToken) {
        let kept = async {
            loop {
                if let Err(trouble) = self.keep_while_connected(&address, &news).await {
                    tracing::debug!(?trouble, "the lease is not renewed");
                }
                sleep(AGAIN).await;
            }
        };
        if stop.run_until_cancelled(kept).await.is_none()
            && let Ok((client, _)) = address.connect().await
        {
            // Where that fails the lease expires.
            let _ = client.execute("DELETE FROM videogen.workers WHERE id = $1", &[&&*self.name()]).await;
        }
    }

    async fn keep_while_connected(&self, address: &Address, news: &watch::Sender<()>) -> Result<(), Trouble> {
        let (client, mut told) = address.connect().await?;
        client.batch_execute("LISTEN videogen_tasks").await?;
        let mut beat = interval((self.length / 3).max(Duration::from_millis(1)));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => {
                    self.renew(&client).await?;
                    self.bury(&client).await?;
                }
                message = told.recv() => match message {
                    Some(()) => news.send_replace(()),
                    None => return Ok(()),
                },
            }
        }
    }
}

fn name() -> Arc<str> {
    uuid::Uuid::now_v7().to_string().into()
}
