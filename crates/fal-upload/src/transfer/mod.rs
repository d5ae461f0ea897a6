//! A file on its way to fal: in one request or in parts, by the one of fal's two ways that works.

mod cdn;
mod flow;
mod initiated;
mod part;
mod size;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fal_core::{ErrorKind, FalClient, HostClass};
use futures::TryStreamExt;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use self::cdn::CdnFlow;
pub(crate) use self::flow::FileHead;
use self::flow::{Flow, Part, PartUpload};
use self::initiated::InitiatedFlow;
use crate::pieces::{Piece, Pieces};
use crate::{Error, Progress, Source, TransferConfig};

/// Sends files.
#[derive(Debug)]
pub(crate) struct Transfer {
    client: FalClient,
    config: TransferConfig,
    /// fal's ways, the preferred one first.
    flows: [Box<dyn Flow>; 2],
    /// The bytes that all transfers together may have in memory, in units of [`UNIT`].
    memory: Arc<Semaphore>,
}

/// What the memory is counted in, in bytes.
pub(crate) const UNIT: usize = 64 << 10;

impl Transfer {
    pub(crate) fn new(client: FalClient, config: TransferConfig, now: fn() -> Timestamp) -> Self {
        let flows: [Box<dyn Flow>; 2] =
            [Box::new(CdnFlow::new(client.clone(), config, now)), Box::new(InitiatedFlow::new(client.clone(), config))];
        let memory = config.most_memory.max(config.largest_piece()).div_ceil(UNIT).min(Semaphore::MAX_PERMITS);
        Self { client, config, flows, memory: Arc::new(Semaphore::new(memory)) }
    }

    /// The same, with another clock and no tokens.
    pub(crate) fn with_clock(self, now: fn() -> Timestamp) -> Self {
        Self::new(self.client, self.config, now)
    }

    /// The address of the CDN.
    pub(crate) fn cdn(&self) -> String {
        self.client.hosts().get(HostClass::Cdn).to_string()
    }

    /// Sends a file and returns its address. The same bytes may be sent again: an upload costs nothing.
    pub(crate) async fn send(&self, file: &FileHead, source: &Source, progress: &Progress) -> Result<String, Error> {
        let [preferred, other] = &self.flows;
        let failed = match self.send_by(preferred.as_ref(), file, source, progress).await {
            Err(error) if may_go_another_way(&error) => error,
            ended => return ended,
        };
        tracing::debug!(error = &failed as &dyn std::error::Error, "the upload goes another way");
        // The first failure says more: the other way is a makeshift.
        self.send_by(other.as_ref(), file, source, progress).await.map_err(|_| failed)
    }

    async fn send_by(
        &self,
        flow: &dyn Flow,
        file: &FileHead,
        source: &Source,
        progress: &Progress,
    ) -> Result<String, Error> {
        let pieces = Pieces::open(source, file).await?;
        progress.tell(0, file.bytes);
        let url = match self.config.is_one_request(file.bytes) {
            true => self.send_whole(flow, file, pieces).await?,
            false => self.send_parts(flow, file, pieces, progress).await?,
        };
        if self.config.verify {
            size::verify(&self.client, &url, file.bytes).await?;
        }
        progress.tell(file.bytes, file.bytes);
        Ok(url)
    }

    async fn send_whole(&self, flow: &dyn Flow, file: &FileHead, pieces: Pieces) -> Result<String, Error> {
        let (bytes, _permit) = pieces.whole(file.bytes, Arc::clone(&self.memory)).await?;
        flow.whole(file, bytes).await
    }

    /// A few parts at a time, each repeated by itself when it fails.
    async fn send_parts(
        &self,
        flow: &dyn Flow,
        file: &FileHead,
        pieces: Pieces,
        progress: &Progress,
    ) -> Result<String, Error> {
        let upload: Arc<dyn PartUpload> = flow.begin(file).await?.into();
        let arrived = Arc::new(AtomicU64::new(0));
        let whole = file.bytes;
        let parts = pieces
            .of(self.config.part_size(whole), Arc::clone(&self.memory))
            .map_ok(|Piece { number, bytes, permit }| {
                let (upload, arrived, progress) = (Arc::clone(&upload), Arc::clone(&arrived), progress.clone());
                async move {
                    let length = bytes.len() as u64;
                    let part = upload.part(number, bytes).await?;
                    drop(permit);
                    progress.tell(arrived.fetch_add(length, Ordering::SeqCst) + length, whole);
                    Ok(part)
                }
            })
            .try_buffer_unordered(self.config.parts_at_once.max(1));
        let mut parts: Vec<Part> = parts.try_collect().await?;
        // They end in any order.
        parts.sort_by_key(|part| part.number);
        upload.complete(&parts).await
    }
}

/// Whether the failure says nothing of the file or the key, so that fal's other way may work.
fn may_go_another_way(error: &Error) -> bool {
    use ErrorKind::{CircuitOpen, Interrupted, NotFound, UnexpectedAnswer, Unreachable};
    match error {
        Error::Fal { source, .. } => {
            [Unreachable, Interrupted, CircuitOpen, NotFound, UnexpectedAnswer].contains(&source.kind())
        }
        Error::Answer { .. } | Error::Size { .. } => true,
        _ => false,
    }
}
