//! One bill for each video, whatever happens on the way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use videogen::domain::{GenerationState, Recovery};
use videogen::{FailureKind, TaskStatus};

use crate::stage::{Stage, generate, settled, until};

/// Stands between the client and the emulator's queue: passes every submit on, waits until it is answered, and then
/// hangs up without passing the answer back. Everything else passes.
struct LosesSubmitReplies {
    address: SocketAddr,
    lost: Arc<AtomicUsize>,
}

impl LosesSubmitReplies {
    async fn before(emulator: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, lost) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&lost);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, emulator, Arc::clone(&counter)));
            }
        });
        Self { address, lost }
    }
}

async fn pass(mut client: TcpStream, emulator: SocketAddr, lost: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(emulator).await?;
    let mut beginning = [0; 5];
    client.read_exact(&mut beginning).await?;
    server.write_all(&beginning).await?;
    if &beginning != b"POST " {
        tokio::io::copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    }
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut answer = [0; 1];
    tokio::select! {
        result = tokio::io::copy(&mut from_client, &mut to_server) => { result?; }
        result = from_server.read_exact(&mut answer) => {
            result?;
            lost.fetch_add(1, Ordering::SeqCst);
            to_client.shutdown().await?;
        }
    }
    Ok(())
}

fn address_of(url: &str) -> SocketAddr {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_lost_reply_is_one_bill_and_the_request_is_taken_up_by_its_id() {
    let stage = Stage::set().await;
    let proxy = LosesSubmitReplies::before(address_of(&stage.emulator.urls().queue)).await;
    let videogen = stage.videogen_with_queue_at(&format!("http://{}/queue", proxy.address)).await;

    let id = videogen.queue().submit(&stage.request(320, 180)).await.unwrap();
    let task = settled(&videogen, &id).await;
    let failure = task.failure.clone().unwrap();
    assert_eq!(
        (task.state, failure.kind, failure.recovery),
        (GenerationState::Unconfirmed, FailureKind::Unconfirmed, Recovery::Reconcile)
    );
    assert!(task.is_held());

    // Whoever lets it go on does not send it again.
    videogen.queue().resume(&id).await.unwrap();
    assert_eq!(settled(&videogen, &id).await.state, GenerationState::Unconfirmed);
    assert_eq!(proxy.lost.load(Ordering::SeqCst), 1);
    let charges = stage.emulator.ledger().charges();
    assert_eq!(charges.len(), 1);

    // Found in fal's list of requests, it is fetched without another bill.
    let found =
        videogen.queue().adopt("kling_2.1", &charges[0].request_id, Some("found.mp4".to_owned())).await.unwrap();
    assert_eq!(settled(&videogen, &found).await.status, TaskStatus::Completed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert_eq!(stage.results(), ["found.mp4", "found.mp4.json"]);
}

#[tokio::test]
async fn a_queue_that_cannot_be_reached_costs_nothing() {
    let stage = Stage::set().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let videogen = stage.videogen_with_queue_at(&format!("http://{closed}/queue")).await;
    let task = generate(&videogen, &stage.request(320, 180)).await;
    let failure = task.failure.unwrap();
    assert_eq!((failure.kind, failure.recovery), (FailureKind::Unreachable, Recovery::Later));
    assert_eq!((task.status, task.request_id), (TaskStatus::Failed, None));
    assert_eq!((stage.emulator.ledger().charges().len(), stage.results().len()), (0, 0));
}

#[tokio::test]
async fn a_task_that_is_stopped_goes_on_in_another_process_without_another_bill() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let id = first.queue().submit(&stage.request(640, 360).with_duration_seconds(10)).await.unwrap();
    let accepted = until(&first, &id, |task| task.request_id.is_some()).await;
    first.close().await;
    let stopped = first.queue().get(&id).await.unwrap();
    assert_eq!(stopped.failure.map(|failure| failure.kind), Some(FailureKind::Stopped));
    assert_eq!(stage.results().len(), 0);

    let second = stage.videogen().await;
    let request_id = accepted.request_id.unwrap();
    let id = second.queue().adopt("kling_2.1", &request_id, None).await.unwrap();
    let task = settled(&second, &id).await;
    assert_eq!((task.status, task.billed), (TaskStatus::Completed, Some("0.56".parse().unwrap())));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert_eq!(stage.results(), [format!("{request_id}.mp4"), format!("{request_id}.mp4.json")]);
}

#[tokio::test]
async fn a_task_that_is_stopped_at_any_moment_is_paid_once_or_not_at_all() {
    for steps in 0..6 {
        let stage = Stage::set().await;
        let videogen = stage.videogen().await;
        let id = videogen.queue().submit(&stage.request(320, 180)).await.unwrap();
        let mut watch = videogen.queue().watch(&id).await.unwrap();
        for _ in 0..steps {
            watch.changed().await;
        }
        videogen.close().await;
        let task = videogen.queue().get(&id).await.unwrap();
        let charges = stage.emulator.ledger().charges();
        let known: Vec<_> = task.request_id.into_iter().collect();
        let paid: Vec<_> = charges.iter().map(|charge| charge.request_id.clone()).collect();
        assert_eq!(known, paid, "stopped after {steps} changes: every bill is known by its request id");
    }
}
