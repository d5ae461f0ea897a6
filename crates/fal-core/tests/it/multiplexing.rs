//! Hundreds of streams on few HTTP/2 connections, over TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fal_core::{EndpointId, FalApi, FalClient, HostClass, Hosts, RequestOptions, TransportConfig, WatchOptions};
use fal_emulator::{Emulator, Pace};
use futures::StreamExt;
use futures::future::join_all;
use tokio::net::{TcpListener, TcpStream};

use crate::fal_at::{config_of_fal, endpoint, input};

/// Passes connections on, and counts them.
async fn counted(to: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    (address, count)
}

#[tokio::test]
async fn streams_share_connections_by_the_hundred_and_leave_room_for_other_calls() {
    let emulator = Emulator::builder().https(true).pace(Pace::Fast).rendering(false).runners(1);
    let emulator = emulator.inference_time(Duration::from_secs(3600)).start().await.unwrap();
    let (address, connections) = counted(emulator.address()).await;
    let hosts = Hosts::default().with(HostClass::Queue, &format!("https://{address}/queue")).unwrap();
    let transport = TransportConfig {
        root_certificates: emulator.ca_pem().map(|pem| pem.as_bytes().to_vec()),
        ..TransportConfig::default()
    };
    let client = FalClient::new(config_of_fal().with_hosts(hosts).with_transport(transport)).unwrap();
    let endpoint: EndpointId = endpoint();

    // The first call makes the first connection, and shows that the host speaks HTTP/2.
    let first = client.submit(&endpoint, &input(), &RequestOptions::new()).await.unwrap();
    let (input, options) = (input(), RequestOptions::new());
    let rest = join_all((1..250).map(|_| client.submit(&endpoint, &input, &options))).await;
    let requests = [Ok(first)].into_iter().chain(rest).map(Result::unwrap);
    let mut watches: Vec<_> = requests.map(|request| client.watch(&request, WatchOptions::default())).collect();
    let states = join_all(watches.iter_mut().map(StreamExt::next)).await;
    assert!(states.iter().all(|state| matches!(state, Some(Ok(_)))));
    let streams = emulator.requests().iter().filter(|seen| seen.path_and_query.ends_with("/stream?logs=1")).count();
    assert_eq!(streams, 250);

    client.submit(&endpoint, &input, &options).await.unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}
